import { VDomModel } from '@jupyterlab/ui-components';

import type { Client } from '../api/client';
import { sentenceOf } from '../api/errors';
import type { Erasure, Export } from '../api/shapes';
import { pause } from '../common/backoff';
import type { ServiceModel } from '../status/model';

const LOOK_MS = 2000;

/** Puts a file on the learner's disk. */
export type Save = (data: Blob, name: string) => void;

/** The copy of one's own data, and the erasure of the account. */
export class PrivacyModel extends VDomModel {
  constructor(
    private readonly _client: Client,
    private readonly _service: ServiceModel,
    private readonly _save: Save
  ) {
    super();
  }

  /** The newest that was asked for, here or elsewhere. */
  get copy(): Export | null {
    return this._copy;
  }

  /** Whether the copy's link, which is told only once, is known here. */
  get hasLink(): boolean {
    return this._link !== null;
  }

  get erasure(): Erasure | null {
    return this._erasure;
  }

  /** What has to be typed so that nobody erases an account by a slip. */
  get username(): string {
    return this._service.status?.learner.username ?? '';
  }

  get busy(): boolean {
    return this._busy;
  }

  get error(): string | null {
    return this._error;
  }

  override dispose(): void {
    this._stop.abort();
    super.dispose();
  }

  async load(): Promise<void> {
    await this._do(async () => {
      await this._look();
      this._erasure = (await this._client.erasure()).erasure;
    });
  }

  /** Asks for a copy, waits until it is made, and saves it. */
  async download(): Promise<void> {
    await this._do(async () => {
      this._copy = await this._client.requestExport();
      this._link = this._copy.link;
      await this._fetch();
    });
  }

  /** Once more, after it went wrong on the way. */
  async again(): Promise<void> {
    await this._do(() => this._fetch());
  }

  async erase(confirm: string): Promise<void> {
    await this._do(async () => {
      this._erasure = await this._client.requestErasure(confirm);
    });
  }

  async keep(): Promise<void> {
    await this._do(async () => {
      this._erasure = await this._client.cancelErasure();
    });
  }

  private async _fetch(): Promise<void> {
    while (this._copy?.state === 'waiting' && !this.isDisposed) {
      this.stateChanged.emit();
      await pause(LOOK_MS, this._stop.signal);
      await this._look();
    }
    if (this._link === null || this._copy?.state !== 'ready' || this.isDisposed) {
      return;
    }
    this._save(await this._client.fetchExport(this._link), 'pythonmastery-data.zip');
    this._link = null;
    await this._look();
  }

  private async _look(): Promise<void> {
    this._copy = (await this._client.export()).export;
  }

  private async _do(work: () => Promise<void>): Promise<void> {
    this._busy = true;
    this._error = null;
    this.stateChanged.emit();
    try {
      await work();
    } catch (error) {
      this._service.note(error);
      this._error = sentenceOf(error);
    }
    this._busy = false;
    this.stateChanged.emit();
  }

  private readonly _stop = new AbortController();
  private _copy: Export | null = null;
  private _link: string | null = null;
  private _erasure: Erasure | null = null;
  private _busy = false;
  private _error: string | null = null;
}
