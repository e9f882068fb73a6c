import { VDomModel } from '@jupyterlab/ui-components';

import type { Client } from '../api/client';
import { sentenceOf } from '../api/errors';
import type { Consent } from '../api/shapes';
import type { ServiceModel } from '../status/model';

/** Whether the learner's questions may be sent to the AI; one for all conversations. */
export class ConsentModel extends VDomModel {
  constructor(
    private readonly _client: Client,
    private readonly _service: ServiceModel
  ) {
    super();
  }

  /** Null until the service has told. */
  get consent(): Consent | null {
    return this._consent;
  }

  /** The question stands open: not answered yet, or opened again. */
  get asking(): boolean {
    const { _consent: consent } = this;
    return consent !== null && consent.needed && (consent.agreed === null || this._again);
  }

  /** It was opened by hand, so the focus may go there. */
  get again(): boolean {
    return this._again;
  }

  get error(): string | null {
    return this._error;
  }

  askAgain(): void {
    this._again = true;
    this.stateChanged.emit();
  }

  async load(): Promise<void> {
    await this._take(() => this._client.consent());
  }

  async decide(agreed: boolean): Promise<void> {
    const version = this._consent?.version ?? '';
    await this._take(() => this._client.decide(agreed, version));
  }

  private async _take(call: () => Promise<Consent>): Promise<void> {
    try {
      this._consent = await call();
      this._again = false;
      this._error = null;
    } catch (error) {
      if (!this._service.note(error)) {
        this._error = sentenceOf(error);
      }
    }
    this.stateChanged.emit();
  }

  private _consent: Consent | null = null;
  private _again = false;
  private _error: string | null = null;
}
