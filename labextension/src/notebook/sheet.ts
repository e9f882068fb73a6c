import type { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { findAnswer, problemOf, type Answer } from './answer';

/** The part of the shared model that its interface leaves out. */
interface Steps {
  undoManager?: { stopCapturing: () => void } | null;
}

/** Two saves at a time take each other for a change by somebody else, and Lab asks which to keep. */
const saves = new WeakMap<NotebookPanel, Promise<void>>();

/** A problem's notebook as the learner has it open. */
export class Sheet {
  private constructor(
    readonly panel: NotebookPanel,
    readonly slug: string
  ) {}

  /** Null when the notebook is not a problem of ours, or not loaded yet. */
  static of(panel: NotebookPanel | null): Sheet | null {
    const metadata = panel?.isDisposed ? null : panel?.content.model?.metadata;
    const problem = problemOf(metadata);
    return panel && problem ? new Sheet(panel, problem.slug) : null;
  }

  /** Where the answer is; the text is the editor's, saved or not. */
  find(entry: readonly string[]): Answer {
    const cells = this.panel.content.widgets.map(cell => ({
      type: cell.model.type,
      source: cell.model.sharedModel.getSource(),
      metadata: cell.model.metadata
    }));
    return findAnswer(cells, entry);
  }

  /** The answer cell; null when there is none or more than one. */
  get answerIndex(): number | null {
    const answer = this.find([]);
    return answer.state === 'found' ? answer.index : null;
  }

  get source(): string | null {
    const cell = this._answer();
    return cell ? cell.model.sharedModel.getSource() : null;
  }

  /** Puts another text into the answer cell as one edit that can be undone. */
  replace(text: string): void {
    const shared: (CodeCell['model']['sharedModel'] & Steps) | undefined =
      this._answer()?.model.sharedModel;
    if (shared) {
      // What was typed in the last half second would become one step of Undo with this.
      shared.undoManager?.stopCapturing();
      shared.updateSource(0, shared.getSource().length, text);
      shared.undoManager?.stopCapturing();
    }
  }

  /** Counts edits of the answer, to see whether the learner went on typing. */
  watch(): { edited: () => boolean; stop: () => void } {
    const shared = this._answer()?.model.sharedModel;
    let edited = false;
    const note = () => {
      edited = true;
    };
    shared?.changed.connect(note);
    return { edited: () => edited, stop: () => shared?.changed.disconnect(note) };
  }

  /** Moves the cursor to a line (from 1) of the answer cell. */
  async goTo(line: number): Promise<void> {
    const index = this.answerIndex;
    if (index === null) {
      return;
    }
    const notebook = this.panel.content;
    notebook.activeCellIndex = index;
    await notebook.scrollToItem(index, 'auto');
    const cell = notebook.widgets[index];
    await cell.ready;
    notebook.mode = 'edit';
    const editor = cell.editor;
    if (editor) {
      const last = editor.lineCount - 1;
      editor.setCursorPosition({ line: Math.min(Math.max(line - 1, 0), last), column: 0 });
      editor.revealPosition(editor.getCursorPosition());
      editor.focus();
    }
  }

  /** After the save that is on its way; a notebook that cannot be saved is told by Lab itself. */
  save(): void {
    const { panel } = this;
    const before = saves.get(panel) ?? Promise.resolve();
    const save = async () => {
      if (!panel.isDisposed && panel.context.model.dirty && !panel.context.model.readOnly) {
        await panel.context.save();
      }
    };
    saves.set(
      panel,
      before.then(save).catch(() => undefined)
    );
  }

  private _answer(): CodeCell | null {
    const index = this.answerIndex;
    return index === null ? null : (this.panel.content.widgets[index] as CodeCell);
  }
}

/** Why nothing can be sent from this notebook, and what mends it; null when all is well. */
export function troubleOf(answer: Answer, trans: TranslationBundle): string | null {
  switch (answer.state) {
    case 'missing':
      return trans.__(
        'This notebook has no answer cell any more. Press Reset: a fresh notebook is put beside this one, and this one stays as it is.'
      );
    case 'copied':
      return trans.__(
        'There are %1 answer cells in this notebook (cells %2), so it is not clear which one counts. Delete all but one, or join them with Merge Selected Cells in the Edit menu. Reset puts a fresh notebook beside this one.',
        answer.indexes.length,
        answer.indexes.map(index => index + 1).join(', ')
      );
    case 'split':
      return trans.__(
        'Only the answer cell is sent, but %1 is in cell %2. Move that code into the answer cell (cell %3).',
        answer.names.join(', '),
        answer.elsewhere + 1,
        answer.index + 1
      );
    case 'found':
      return null;
  }
}
