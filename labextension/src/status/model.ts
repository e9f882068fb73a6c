import { VDomModel } from '@jupyterlab/ui-components';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Client } from '../api/client';
import {
  isAway,
  isForgotten,
  isSignedOut,
  isStopped,
  isTurnedAway,
  sentenceOf,
  waitOf
} from '../api/errors';
import type { Progress, Status } from '../api/shapes';
import { Backoff, pause } from '../common/backoff';

/**
 * gone: comes back by itself. signed-out, stopped: the learner has to sign in, or to start their
 * server. turned-away: the service answers, but not to this person.
 */
export type Phase =
  | 'connecting'
  | 'starting'
  | 'ready'
  | 'gone'
  | 'signed-out'
  | 'stopped'
  | 'turned-away';

const CALM_MS = 60_000;
const STARTING_MS = 1000;
const SPACING_MS = 500;
/** Somebody may be signing in, or starting the server, on another page just now. */
const SIGNING_IN_MS = 3000;
/** An admin may let somebody in again. */
const TURNED_AWAY_MS = 15_000;

/** Whether the service is there; it asks by itself until it is, and tells when it is back. */
export class ServiceModel extends VDomModel {
  constructor(private readonly _client: Client) {
    super();
  }

  /** Of the server that this page belongs to. */
  get address(): string {
    return this._client.settings.baseUrl;
  }

  get phase(): Phase {
    return this._phase;
  }

  /** The last status seen; null until the first answer. */
  get status(): Status | null {
    return this._status;
  }

  /** Why the service is not ready, in its own words. */
  get detail(): string | null {
    return this._detail;
  }

  /** Signed out because the hub no longer knows the server itself: signing in again would not help. */
  get forgotten(): boolean {
    return this._forgotten;
  }

  get progress(): Progress | null {
    return this._progress;
  }

  set progress(value: Progress | null) {
    this._progress = value;
    this.stateChanged.emit();
  }

  /** Emitted each time the service becomes ready, the first time too. */
  get arrived(): ISignal<this, void> {
    return this._arrived;
  }

  override dispose(): void {
    this._stop.abort();
    this._wake?.abort();
    super.dispose();
  }

  /** Look now: something failed that should have worked, or something changed. */
  look(): void {
    this._looked = true;
    this._wake?.abort();
  }

  /** Takes an error of any call; says whether the same call can succeed later, of itself or after signing in. */
  note(error: unknown): boolean {
    const away = isAway(error) || isSignedOut(error);
    if ((away || isTurnedAway(error)) && this._phase === 'ready') {
      this.look();
    }
    return away;
  }

  async run(): Promise<void> {
    const backoff = new Backoff(1000, 10_000);
    while (!this.isDisposed) {
      const wait = await this._ask(backoff);
      await pause(SPACING_MS, this._stop.signal);
      if (!this._looked) {
        this._wake = new AbortController();
        await pause(wait, this._wake.signal);
      }
      this._looked = false;
    }
  }

  /** Asks once and returns how long to wait before asking again. */
  private async _ask(backoff: Backoff): Promise<number> {
    try {
      const status = await this._client.status();
      this._status = status;
      backoff.reset();
      if (!status.ready) {
        // A relay answers for itself only when the service does not.
        const away = this._seen || status.role === 'relay';
        this._set(away ? 'gone' : 'starting', status.detail);
        return STARTING_MS;
      }
      this._set('ready', null);
      return status.grader.state === 'starting' ? STARTING_MS : CALM_MS;
    } catch (error) {
      if (isSignedOut(error)) {
        this._forgotten = isForgotten(error);
        this._set('signed-out', sentenceOf(error));
        return SIGNING_IN_MS;
      }
      if (isStopped(error)) {
        this._set('stopped', null);
        return SIGNING_IN_MS;
      }
      if (isTurnedAway(error)) {
        this._set('turned-away', sentenceOf(error));
        return TURNED_AWAY_MS;
      }
      this._set('gone', isAway(error) ? null : sentenceOf(error));
      return backoff.next(waitOf(error));
    }
  }

  private _set(phase: Phase, detail: string | null): void {
    if (this.isDisposed) {
      return;
    }
    const arrived = phase === 'ready' && this._phase !== 'ready';
    this._phase = phase;
    this._detail = detail;
    this.stateChanged.emit();
    if (arrived) {
      this._seen = true;
      this._arrived.emit();
    }
  }

  private _phase: Phase = 'connecting';
  private _status: Status | null = null;
  private _detail: string | null = null;
  private _progress: Progress | null = null;
  private _forgotten = false;
  private _seen = false;
  private _looked = false;
  private _wake: AbortController | null = null;
  private readonly _stop = new AbortController();
  private readonly _arrived = new Signal<this, void>(this);
}
