/** Waiting times between tries: doubling, with a little chance so that a class does not knock at once. */
export class Backoff {
  constructor(
    private readonly _first: number,
    private readonly _limit: number
  ) {
    this._next = _first;
  }

  /** Milliseconds to wait now; a time that the server asked for (in seconds) wins when longer. */
  next(asked: number | null = null): number {
    const own = this._next * (0.8 + 0.4 * Math.random());
    this._next = Math.min(this._next * 2, this._limit);
    return Math.max(own, (asked ?? 0) * 1000);
  }

  reset(): void {
    this._next = this._first;
  }

  private _next: number;
}

/** Waits, or returns early when the signal is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
