import { VDomModel } from '@jupyterlab/ui-components';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Client } from '../api/client';
import { Refusal, sentenceOf } from '../api/errors';
import type { Profile } from '../api/shapes';
import type { ServiceModel } from '../status/model';

export type Kind = keyof Profile['notification_settings'];

/** What is to be sent so that `before` becomes `after`; nested settings one by one. */
export function changes(before: object, after: object): Record<string, unknown> {
  const old = before as Record<string, unknown>;
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(after)) {
    if (value !== null && typeof value === 'object') {
      const inner = changes(old[name] as object, value as object);
      if (Object.keys(inner).length > 0) {
        found[name] = inner;
      }
    } else if (value !== old[name]) {
      found[name] = value;
    }
  }
  return found;
}

/** What the learner chose about themselves. */
export class ProfileModel extends VDomModel {
  constructor(
    private readonly _client: Client,
    private readonly _service: ServiceModel
  ) {
    super();
  }

  /** As the service keeps it; null until it was asked for. */
  get profile(): Profile | null {
    return this._profile;
  }

  /** Another one each time that a form should begin anew. */
  get edition(): number {
    return this._edition;
  }

  /** Whether the learner wants to be told of such things unasked; not before it is known. */
  wants(kind: Kind): boolean {
    return this._profile?.notification_settings[kind] ?? false;
  }

  /** What is wrong with a field of what was sent last. */
  problem(field: string): string | null {
    return this._problems[field] ?? null;
  }

  get busy(): boolean {
    return this._busy;
  }

  get error(): string | null {
    return this._error;
  }

  /** Emitted after each change that was kept. */
  get saved(): ISignal<this, void> {
    return this._saved;
  }

  /** While it is, there is no form: what is typed would be lost when it begins anew. */
  get loading(): boolean {
    return this._loading;
  }

  async load(): Promise<void> {
    this._loading = true;
    await this._do(async () => {
      this._profile = await this._client.profile();
      this._edition++;
    });
    this._loading = false;
    this.stateChanged.emit();
  }

  /** Sends what is other in `draft` than in `before`; whether it was kept. */
  async save(before: Profile, draft: Profile): Promise<boolean> {
    const change = changes(before, draft);
    const seen = this._profile?.updated_at ?? null;
    const kept = await this._do(async () => {
      this._profile = await this._client.changeProfile(change, seen);
    });
    if (kept) {
      this._saved.emit();
    }
    return kept;
  }

  private async _do(work: () => Promise<void>): Promise<boolean> {
    this._busy = true;
    this._error = null;
    this._problems = {};
    this.stateChanged.emit();
    try {
      await work();
    } catch (error) {
      await this._take(error);
    }
    this._busy = false;
    this.stateChanged.emit();
    return this._error === null;
  }

  private async _take(error: unknown): Promise<void> {
    this._service.note(error);
    this._error = sentenceOf(error);
    if (error instanceof Refusal) {
      this._problems = Object.fromEntries(error.fields.map(each => [each.field, each.message]));
      if (error.code === 'profile_changed') {
        // What was typed stays in the form; the next press is about the profile as it is now.
        this._profile = await this._client.profile();
      }
    }
  }

  private _profile: Profile | null = null;
  private _edition = 0;
  private _loading = false;
  private _problems: Record<string, string> = {};
  private _busy = false;
  private _error: string | null = null;
  private readonly _saved = new Signal<this, void>(this);
}
