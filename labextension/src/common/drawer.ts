/** What the browser keeps under one prefix; where storage is full or forbidden it keeps nothing. */
export class Drawer<T> {
  /** `storage` is called each time: a browser may forbid even the look at it. */
  constructor(
    private readonly _prefix: string,
    private readonly _storage: () => Storage
  ) {}

  put(name: string, value: T): void {
    try {
      this._storage().setItem(this._prefix + name, JSON.stringify(value));
    } catch {
      // What is being done goes on; only a reload would lose it.
    }
  }

  take(name: string): T | null {
    try {
      return JSON.parse(this._storage().getItem(this._prefix + name) ?? 'null') as T | null;
    } catch {
      return null;
    }
  }

  drop(name: string): void {
    try {
      this._storage().removeItem(this._prefix + name);
    } catch {
      // Nothing was kept either.
    }
  }

  all(): T[] {
    return this._names()
      .map(name => this.take(name))
      .filter(value => value !== null);
  }

  private _names(): string[] {
    try {
      return Object.keys(this._storage())
        .filter(name => name.startsWith(this._prefix))
        .map(name => name.slice(this._prefix.length));
    } catch {
      return [];
    }
  }
}
