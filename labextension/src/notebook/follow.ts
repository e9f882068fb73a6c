import type { NotebookPanel } from '@jupyterlab/notebook';

import type { ITools } from '../common/context';
import { CommandIDs } from '../common/ids';
import type { Deck } from '../panel/deck';
import type { IOptions } from '../settings';
import { markCells } from './marks';
import { Sheet } from './sheet';
import { ProblemToolbar } from './toolbar';

const COMMANDS = [
  CommandIDs.check,
  CommandIDs.submit,
  CommandIDs.hint,
  CommandIDs.history,
  CommandIDs.reset,
  CommandIDs.goToLine
];

/** Adds our row of buttons to problems' notebooks, and lets the panel follow the one in front. */
export function followNotebooks(deck: Deck, tools: ITools, options: IOptions): void {
  const { app, model, tracker } = deck;
  const changed = () => COMMANDS.forEach(command => app.commands.notifyCommandChanged(command));

  const follow = () => {
    model.follow(deck.sheet?.slug ?? null);
    changed();
  };
  const dress = async (panel: NotebookPanel) => {
    await panel.context.ready;
    const sheet = Sheet.of(panel);
    if (!sheet) {
      return;
    }
    panel.addClass('pm-problem');
    markCells(panel, deck.trans);
    const { attempts } = model.bench.desk(sheet.slug);
    panel.contentHeader.insertWidget(0, new ProblemToolbar(attempts, tools));
    attempts.stateChanged.connect(changed);
    panel.disposed.connect(() => attempts.stateChanged.disconnect(changed));
    if (tracker.currentWidget === panel) {
      follow();
      if (options.openPanel) {
        deck.reveal();
      }
    }
  };
  tracker.widgetAdded.connect((_, panel) => void dress(panel));
  tracker.forEach(panel => void dress(panel));
  tracker.currentChanged.connect(follow);
}
