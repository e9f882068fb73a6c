import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { Backoff, pause } from '../common/backoff';
import type { Client } from './client';
import { waitOf } from './errors';
import type { Achievement, Attempt, Hints, Progress } from './shapes';
import { readEvents, type ServerEvent } from './sse';

/** What the server tells without being asked. */
export type Notice =
  | { event: 'attempt.submitted' | 'attempt.graded'; data: Attempt }
  | { event: 'hint.opened'; data: Hints }
  | { event: 'progress.changed'; data: Progress }
  | { event: 'achievement.earned'; data: Achievement }
  | { event: 'course.changed'; data: object };

/** The server sends a heartbeat every 15 s; two missed ones mean that the line is dead. */
const SILENCE_MS = 40_000;

/** The learner's event stream; it connects again by itself and resumes after the last event seen. */
export class EventStream implements IDisposable {
  constructor(private readonly _client: Client) {}

  get isDisposed(): boolean {
    return this._stop.signal.aborted;
  }

  get notified(): ISignal<this, Notice> {
    return this._notified;
  }

  /** True when the stream is up, false when it was lost. */
  get connected(): ISignal<this, boolean> {
    return this._connected;
  }

  dispose(): void {
    this._stop.abort();
    this._line?.abort();
    Signal.clearData(this);
  }

  /** Try now instead of waiting out the pause: somebody saw the server answer. */
  hurry(): void {
    this._hurry?.abort();
  }

  async run(): Promise<void> {
    const backoff = new Backoff(1000, 15_000);
    while (!this.isDisposed) {
      let asked: number | null = null;
      try {
        await this._read(() => backoff.reset());
      } catch (error) {
        asked = waitOf(error);
      }
      if (this.isDisposed) {
        return;
      }
      this._connected.emit(false);
      this._hurry = new AbortController();
      await pause(backoff.next(asked), this._hurry.signal);
    }
  }

  private async _read(up: () => void): Promise<void> {
    const line = (this._line = new AbortController());
    let timer = 0;
    const alive = () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => line.abort(), SILENCE_MS);
    };
    alive();
    try {
      const response = await this._client.events(this._last, line.signal);
      up();
      this._connected.emit(true);
      for await (const event of readEvents(response, alive)) {
        this._take(event);
      }
    } finally {
      window.clearTimeout(timer);
    }
  }

  private _take(event: ServerEvent): void {
    const data: unknown = JSON.parse(event.data);
    if (event.event === 'hello') {
      const last = (data as { last?: number | string | null }).last;
      this._last ??= last === null || last === undefined ? null : String(last);
      return;
    }
    if (event.id !== null) {
      this._last = event.id;
    }
    this._notified.emit({ event: event.event, data } as Notice);
  }

  private _last: string | null = null;
  private _line: AbortController | null = null;
  private _hurry: AbortController | null = null;
  private readonly _stop = new AbortController();
  private readonly _notified = new Signal<this, Notice>(this);
  private readonly _connected = new Signal<this, boolean>(this);
}
