import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { Sheet } from '../notebook/sheet';
import type { Opener } from '../notebook/open';
import type { Desk } from './desk';
import type { PanelModel, Tab } from './model';
import type { PanelWidget } from './widget';
import { widen } from './width';

/** Pixels; below this three columns leave no room to read in. */
const NARROW = 1100;
const LEFT_AREA = 'application:toggle-left-area';

/** What the commands work on. */
export class Deck {
  constructor(
    readonly app: JupyterFrontEnd,
    readonly tracker: INotebookTracker,
    readonly model: PanelModel,
    readonly opener: Opener,
    readonly trans: TranslationBundle
  ) {}

  /** Set once the panel is made; commands run later than that. */
  panel: PanelWidget | null = null;

  /** Whether this workspace has not seen the panel before. */
  firstTime = false;

  /** Whether Reset asks before it acts. */
  confirmReset = true;

  /** The problem notebook in front. */
  get sheet(): Sheet | null {
    return Sheet.of(this.tracker.currentWidget);
  }

  /** The problem that a command is about, with the notebook it was pressed in. */
  get current(): { sheet: Sheet; desk: Desk } | null {
    const { sheet } = this;
    return sheet && { sheet, desk: this.model.bench.desk(sheet.slug) };
  }

  /** Opens the docked panel where it is closed; the first time with room to read in. */
  reveal(): void {
    if (!this.panel || this.panel.isVisible) {
      return;
    }
    this.app.shell.activateById(this.panel.id);
    if (this.firstTime) {
      this.firstTime = false;
      const { panel } = this;
      requestAnimationFrame(() => widen(panel));
    }
  }

  /** In a small window the course makes room for the notebook and the panel. */
  async makeRoom(): Promise<void> {
    const { commands } = this.app;
    if (window.innerWidth < NARROW && commands.isToggled(LEFT_AREA)) {
      await commands.execute(LEFT_AREA);
    }
  }

  /** Opens the docked panel at a tab; the focus stays where it is. */
  show(tab: Tab): void {
    this.model.select(tab);
    this.reveal();
  }
}
