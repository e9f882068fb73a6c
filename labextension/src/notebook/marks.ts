import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { roleOf } from './answer';

/**
 * The answer cell cannot be deleted, and neither can a copy of it: copies are let go until one is left.
 */
function freeCopies(panel: NotebookPanel): void {
  const answers = panel.content.widgets
    .map(cell => cell.model)
    .filter(model => model.type === 'code' && roleOf(model.metadata) === 'answer');
  const several = answers.length > 1;
  for (const model of answers) {
    const free = model.getMetadata('deletable') === true;
    if (free !== several && !panel.context.model.readOnly) {
      model.setMetadata('deletable', several);
    }
  }
}

/** Says on each cell of a problem's notebook what it is for; drawn by the style sheet. */
export function markCells(panel: NotebookPanel, trans: TranslationBundle): void {
  const words: Record<string, string> = {
    given: trans.__('given'),
    answer: trans.__('your answer'),
    sample: trans.__('sample test')
  };
  const mark = () => {
    for (const cell of panel.content.widgets) {
      const role = cell.model.type === 'code' ? roleOf(cell.model.metadata) : null;
      if (role && role in words) {
        cell.node.dataset.pmRole = role;
        cell.node.dataset.pmWord = words[role];
      } else {
        delete cell.node.dataset.pmRole;
      }
    }
  };
  mark();
  freeCopies(panel);
  // The widgets follow the model a moment later.
  const later = () =>
    requestAnimationFrame(() => {
      if (!panel.isDisposed) {
        mark();
        freeCopies(panel);
      }
    });
  panel.content.model?.cells.changed.connect(later);
}
