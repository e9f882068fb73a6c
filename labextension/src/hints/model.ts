import { VDomModel } from '@jupyterlab/ui-components';

import type { Client } from '../api/client';
import { sentenceOf } from '../api/errors';
import type { Hint, Hints } from '../api/shapes';
import type { ServiceModel } from '../status/model';

/** Hints of one problem; the server decides which are open. */
export class HintsModel extends VDomModel {
  constructor(
    readonly slug: string,
    private readonly _client: Client,
    private readonly _service: ServiceModel
  ) {
    super();
  }

  get hints(): readonly Hint[] | null {
    return this._hints?.hints ?? null;
  }

  get opened(): number {
    return this.hints?.filter(hint => hint.state === 'opened').length ?? 0;
  }

  /** Order of the hint that is being opened. */
  get opening(): number | null {
    return this._opening;
  }

  /** Order of the hint that was opened last by this page, so that it can be brought into view. */
  get fresh(): number | null {
    return this._fresh;
  }

  get error(): string | null {
    return this._error;
  }

  accept(hints: Hints): void {
    this._hints = hints;
    this._error = null;
    this.stateChanged.emit();
  }

  async load(): Promise<void> {
    await this._take(() => this._client.hints(this.slug));
  }

  async open(order: number): Promise<void> {
    if (this._opening !== null) {
      return;
    }
    this._opening = order;
    this.stateChanged.emit();
    await this._take(() => this._client.openHint(this.slug, order));
    this._opening = null;
    this._fresh = this._error === null ? order : null;
    this.stateChanged.emit();
  }

  private async _take(work: () => Promise<Hints>): Promise<void> {
    try {
      this.accept(await work());
    } catch (error) {
      this._service.note(error);
      this._error = sentenceOf(error);
      this.stateChanged.emit();
    }
  }

  private _hints: Hints | null = null;
  private _opening: number | null = null;
  private _fresh: number | null = null;
  private _error: string | null = null;
}
