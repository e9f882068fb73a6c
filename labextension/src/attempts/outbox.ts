import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Client } from '../api/client';
import { isTooOften, sentenceOf, waitOf } from '../api/errors';
import type { Attempt, AttemptKind } from '../api/shapes';
import { Backoff, pause } from '../common/backoff';
import { Drawer } from '../common/drawer';
import type { ServiceModel } from '../status/model';

/** One press of a button. Its key stays the same however often it is sent, so it makes one attempt. */
export interface Parcel {
  slug: string;
  key: string;
  kind: AttemptKind;
  code: string;
  /** Who pressed; null if the service had not told yet. */
  learner: string | null;
  /** When, in milliseconds. */
  at: number;
}

export type Delivery =
  | { state: 'sending' | 'unsent'; parcel: Parcel }
  | { state: 'sent'; parcel: Parcel; attempt: Attempt }
  | { state: 'refused'; parcel: Parcel; message: string };

/** The service knows a key again for 30 days; sent later, a parcel would make a second attempt. */
const LONGEST_MS = 14 * 24 * 3600 * 1000;
/** Each holds up to 64 KiB of code, and browsers keep about 5 MB. */
const MOST = 20;

/** Sends what was pressed, now or when the service is back, after a reload too. */
export class Outbox {
  constructor(
    private readonly _client: Pick<Client, 'send' | 'settings'>,
    private readonly _service: Pick<ServiceModel, 'arrived' | 'note' | 'status'>
  ) {
    const prefix = `pythonmastery:unsent:${_client.settings.baseUrl}:`;
    this._drawer = new Drawer(prefix, () => window.localStorage);
    _service.arrived.connect(() => this._wake.forEach(wake => wake.abort()));
  }

  get delivered(): ISignal<this, Delivery> {
    return this._delivered;
  }

  /** What was pressed at this problem and has not arrived; an earlier page may have kept it. */
  waiting(slug: string): Parcel | null {
    const found = this._kept().filter(parcel => parcel.slug === slug && this._isOurs(parcel));
    return found.at(-1) ?? null;
  }

  /** Sends what an earlier page could not. */
  restore(): void {
    for (const parcel of this._kept()) {
      if (this._isOurs(parcel) && !this._sending.has(parcel.key)) {
        void this._deliver(parcel, true);
      }
    }
  }

  async send(press: Pick<Parcel, 'slug' | 'key' | 'kind' | 'code'>): Promise<void> {
    const learner = this._service.status?.learner.username ?? null;
    const parcel = { ...press, learner, at: Date.now() };
    const kept = this._kept();
    kept.slice(0, Math.max(0, kept.length - MOST + 1)).forEach(({ key }) => this._drawer.drop(key));
    this._drawer.put(parcel.key, parcel);
    await this._deliver(parcel, false);
  }

  /** `late`: it was pressed before, so a refusal that passes is waited out. */
  private async _deliver(parcel: Parcel, late: boolean): Promise<void> {
    const { slug, key, kind, code } = parcel;
    const backoff = new Backoff(1000, 30_000);
    this._sending.add(key);
    this._delivered.emit({ state: 'sending', parcel });
    for (;;) {
      try {
        const attempt = await this._client.send(slug, { key, kind, code });
        this._close(key);
        this._delivered.emit({ state: 'sent', parcel, attempt });
        return;
      } catch (error) {
        if (!this._service.note(error) && !(late && isTooOften(error))) {
          this._close(key);
          this._delivered.emit({ state: 'refused', parcel, message: sentenceOf(error) });
          return;
        }
        late = true;
        this._delivered.emit({ state: 'unsent', parcel });
        await this._pause(backoff.next(waitOf(error)));
      }
    }
  }

  private _close(key: string): void {
    this._drawer.drop(key);
    this._sending.delete(key);
  }

  private async _pause(ms: number): Promise<void> {
    const wake = new AbortController();
    this._wake.add(wake);
    await pause(ms, wake.signal);
    this._wake.delete(wake);
  }

  /** Oldest first; what is too old to be sent is forgotten. */
  private _kept(): Parcel[] {
    const oldest = Date.now() - LONGEST_MS;
    const all = this._drawer.all();
    all.filter(({ at }) => !(at >= oldest)).forEach(({ key }) => this._drawer.drop(key));
    return all.filter(({ at }) => at >= oldest).sort((one, other) => one.at - other.at);
  }

  /** One browser can have had another person at the same server. */
  private _isOurs({ learner }: Parcel): boolean {
    const here = this._service.status?.learner.username;
    return learner === null || here === undefined || learner === here;
  }

  private readonly _drawer: Drawer<Parcel>;
  private readonly _sending = new Set<string>();
  private readonly _wake = new Set<AbortController>();
  private readonly _delivered = new Signal<this, Delivery>(this);
}
