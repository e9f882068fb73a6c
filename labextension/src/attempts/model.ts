import { VDomModel } from '@jupyterlab/ui-components';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Client } from '../api/client';
import { sentenceOf } from '../api/errors';
import type { Attempt, AttemptKind, AttemptSummary } from '../api/shapes';
import { pause } from '../common/backoff';
import { uuid } from '../common/uuid';
import type { ServiceModel } from '../status/model';
import type { Delivery, Outbox } from './outbox';

/** Verdicts arrive on the event stream; a stream that was lost must not leave anybody waiting. */
const POLL_MS = 2000;

/** A press that has no verdict yet. */
export interface Pending {
  key: string;
  kind: AttemptKind;
  /** unsent: the server is away, it will be sent by itself. */
  state: 'sending' | 'unsent' | 'waiting';
  attempt: Attempt | null;
}

/** Attempts at one problem: the one on its way, the one shown, and the list. */
export class AttemptsModel extends VDomModel {
  constructor(
    readonly slug: string,
    private readonly _client: Client,
    private readonly _service: ServiceModel,
    private readonly _outbox: Outbox
  ) {
    super();
    _outbox.delivered.connect((_, delivery) => this._onDelivery(delivery));
    const kept = _outbox.waiting(slug);
    if (kept) {
      this._pending = { key: kept.key, kind: kept.kind, state: 'unsent', attempt: null };
    }
  }

  /** The attempt whose result is shown. */
  get shown(): Attempt | null {
    return this._shown;
  }

  get pending(): Pending | null {
    return this._pending;
  }

  get busy(): boolean {
    return this._pending !== null;
  }

  /** Why the last press made no attempt, in a sentence. */
  get refusal(): string | null {
    return this._refusal;
  }

  get history(): readonly AttemptSummary[] {
    return this._history;
  }

  get hasMore(): boolean {
    return this._before !== null;
  }

  get loaded(): boolean {
    return this._loaded;
  }

  /** The verdict of a press of this page. */
  get graded(): ISignal<this, Attempt> {
    return this._graded;
  }

  override dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  /** Sends the code; one press more while one is on its way is the same press. */
  press(kind: AttemptKind, code: string): void {
    if (this._pending) {
      return;
    }
    this._refusal = null;
    void this._outbox.send({ slug: this.slug, key: uuid(), kind, code });
  }

  /** Shows a reason why nothing was sent. */
  refuse(message: string): void {
    this._refusal = message;
    this.stateChanged.emit();
  }

  /** An attempt came from somewhere: the answer to a press, the event stream, another tab. */
  accept(attempt: Attempt): void {
    if (attempt.status !== 'waiting') {
      this._verdict = attempt;
    } else if (this._verdict?.id === attempt.id) {
      return;
    }
    this._remember(attempt);
    const mine = this._pending?.attempt?.id === attempt.id;
    if (attempt.status === 'waiting') {
      if (mine && this._pending) {
        this._pending = { ...this._pending, attempt };
      }
    } else if (mine) {
      this._pending = null;
      this._shown = attempt;
      this._graded.emit(attempt);
    } else if (!this._shown || attempt.submitted_at >= this._shown.submitted_at) {
      this._shown = attempt;
    }
    this.stateChanged.emit();
  }

  /** Puts the attempt into the list, newest first. */
  private _remember(attempt: Attempt): void {
    const known = this._history.some(other => other.id === attempt.id);
    this._history = known
      ? this._history.map(other => (other.id === attempt.id ? attempt : other))
      : [attempt, ...this._history];
  }

  async load(): Promise<void> {
    try {
      const page = await this._client.attempts(this.slug);
      this._history = page.attempts;
      this._before = page.before;
      this._loaded = true;
      const newest = page.attempts[0];
      if (newest && this._shown?.id !== newest.id) {
        await this._resume(newest.id);
      }
      this.stateChanged.emit();
    } catch (error) {
      this._fail(error);
    }
  }

  async more(): Promise<void> {
    try {
      const page = await this._client.attempts(this.slug, this._before);
      this._history = [...this._history, ...page.attempts];
      this._before = page.before;
      this.stateChanged.emit();
    } catch (error) {
      this._fail(error);
    }
  }

  async show(id: string): Promise<void> {
    try {
      this._shown = await this._client.attempt(id);
      this._refusal = null;
      this.stateChanged.emit();
    } catch (error) {
      this._fail(error);
    }
  }

  /** Takes up the newest attempt of an earlier page: shows it, or waits for it. */
  private async _resume(id: string): Promise<void> {
    const attempt = await this._client.attempt(id);
    if (attempt.status === 'waiting' && !this._pending) {
      this._wait(id, attempt.kind, attempt);
    }
    this.accept(attempt);
  }

  private _onDelivery(delivery: Delivery): void {
    if (delivery.parcel.slug !== this.slug || this.isDisposed) {
      return;
    }
    const { key, kind } = delivery.parcel;
    if (delivery.state === 'sent') {
      // The verdict can be here before the answer to the request that asked for it.
      const known = this._verdict?.id === delivery.attempt.id ? this._verdict : null;
      this._wait(key, kind, known ?? delivery.attempt);
      this.accept(known ?? delivery.attempt);
    } else if (delivery.state === 'refused') {
      this._pending = null;
      this._refusal = delivery.message;
    } else {
      this._pending = { key, kind, state: delivery.state, attempt: null };
    }
    this.stateChanged.emit();
  }

  private _wait(key: string, kind: AttemptKind, attempt: Attempt): void {
    this._pending = { key, kind, state: 'waiting', attempt };
    if (attempt.status === 'waiting') {
      void this._poll(attempt.id);
    }
  }

  private async _poll(id: string): Promise<void> {
    for (;;) {
      await pause(POLL_MS);
      if (this.isDisposed || this._pending?.attempt?.id !== id) {
        return;
      }
      try {
        this.accept(await this._client.attempt(id));
      } catch (error) {
        this._fail(error);
      }
    }
  }

  private _fail(error: unknown): void {
    if (!this._service.note(error)) {
      this._refusal = sentenceOf(error);
      this.stateChanged.emit();
    }
  }

  private _shown: Attempt | null = null;
  /** The verdict that arrived last. */
  private _verdict: Attempt | null = null;
  private _pending: Pending | null = null;
  private _refusal: string | null = null;
  private _history: AttemptSummary[] = [];
  private _before: string | null = null;
  private _loaded = false;
  private readonly _graded = new Signal<this, Attempt>(this);
}
