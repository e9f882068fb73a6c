import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Client } from '../api/client';
import { sentenceOf, waitOf } from '../api/errors';
import type { Attempt, AttemptKind } from '../api/shapes';
import { Backoff, pause } from '../common/backoff';
import type { ServiceModel } from '../status/model';

/** One press of a button. Its key stays the same however often it is sent, so it makes one attempt. */
export interface Parcel {
  slug: string;
  key: string;
  kind: AttemptKind;
  code: string;
}

export type Delivery =
  | { state: 'sending' | 'unsent'; parcel: Parcel }
  | { state: 'sent'; parcel: Parcel; attempt: Attempt }
  | { state: 'refused'; parcel: Parcel; message: string };

/** Sends what was pressed, now or when the service is back, after a reload too. */
export class Outbox {
  constructor(
    private readonly _client: Client,
    private readonly _service: ServiceModel
  ) {
    this._prefix = `pythonmastery:unsent:${_client.settings.baseUrl}:`;
    _service.arrived.connect(() => this._wake.forEach(wake => wake.abort()));
  }

  get delivered(): ISignal<this, Delivery> {
    return this._delivered;
  }

  /** Sends what an earlier page could not. */
  restore(): void {
    for (const parcel of this._stored()) {
      void this.send(parcel);
    }
  }

  async send(parcel: Parcel): Promise<void> {
    this._store(parcel);
    const backoff = new Backoff(1000, 30_000);
    this._delivered.emit({ state: 'sending', parcel });
    for (;;) {
      try {
        const attempt = await this._client.send(parcel.slug, {
          key: parcel.key,
          kind: parcel.kind,
          code: parcel.code
        });
        this._forget(parcel);
        this._delivered.emit({ state: 'sent', parcel, attempt });
        return;
      } catch (error) {
        if (!this._service.note(error)) {
          this._forget(parcel);
          this._delivered.emit({ state: 'refused', parcel, message: sentenceOf(error) });
          return;
        }
        this._delivered.emit({ state: 'unsent', parcel });
        await this._pause(backoff.next(waitOf(error)));
      }
    }
  }

  private async _pause(ms: number): Promise<void> {
    const wake = new AbortController();
    this._wake.add(wake);
    await pause(ms, wake.signal);
    this._wake.delete(wake);
  }

  private _store(parcel: Parcel): void {
    try {
      window.localStorage.setItem(this._prefix + parcel.key, JSON.stringify(parcel));
    } catch {
      // Storage is full or forbidden: the parcel still goes out, only a reload would lose it.
    }
  }

  private _forget(parcel: Parcel): void {
    try {
      window.localStorage.removeItem(this._prefix + parcel.key);
    } catch {
      // Nothing was stored either.
    }
  }

  private _stored(): Parcel[] {
    try {
      return Object.keys(window.localStorage)
        .filter(name => name.startsWith(this._prefix))
        .map(name => JSON.parse(window.localStorage.getItem(name) ?? 'null') as Parcel | null)
        .filter(parcel => parcel !== null);
    } catch {
      return [];
    }
  }

  private readonly _prefix: string;
  private readonly _wake = new Set<AbortController>();
  private readonly _delivered = new Signal<this, Delivery>(this);
}
