import { VDomModel } from '@jupyterlab/ui-components';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Desk } from './desk';
import type { Workbench } from './workbench';

export const TABS = ['task', 'results', 'hints', 'tutor'] as const;
export type Tab = (typeof TABS)[number];

/** What the panel shows: one problem, one tab. */
export class PanelModel extends VDomModel {
  constructor(readonly bench: Workbench) {
    super();
  }

  get desk(): Desk | null {
    return this._desk;
  }

  get tab(): Tab {
    return this._tab;
  }

  select(tab: Tab): void {
    if (tab !== this._tab) {
      this._tab = tab;
      this.stateChanged.emit();
    }
  }

  /** What the live region says. */
  get announcement(): string {
    return this._announcement;
  }

  /** Id of the attempt whose first failure shall take the focus as soon as it is painted. */
  get failureWanted(): string | null {
    return this._failureWanted;
  }

  /** Asks the view to open the list of attempts. */
  get historyWanted(): ISignal<this, void> {
    return this._historyWanted;
  }

  /** Asks the view to move the focus into the tutor's box. */
  get askWanted(): ISignal<this, void> {
    return this._askWanted;
  }

  follow(slug: string | null): void {
    this.bench.course.current = slug;
    if (slug === (this._desk?.slug ?? null)) {
      return;
    }
    this._desk = slug === null ? null : this.bench.desk(slug);
    this._announcement = '';
    this.stateChanged.emit();
    void this._desk?.load();
  }

  announce(text: string): void {
    if (text !== this._announcement) {
      this._announcement = text;
      this.stateChanged.emit();
    }
  }

  wantFailure(attempt: string | null): void {
    this._failureWanted = attempt;
    this.stateChanged.emit();
  }

  wantHistory(): void {
    this.select('results');
    this._historyWanted.emit();
  }

  wantAsk(): void {
    this.select('tutor');
    this._askWanted.emit();
  }

  private _desk: Desk | null = null;
  private _tab: Tab = 'task';
  private _announcement = '';
  private _failureWanted: string | null = null;
  private readonly _historyWanted = new Signal<this, void>(this);
  private readonly _askWanted = new Signal<this, void>(this);
}
