import { Dialog, showDialog } from '@jupyterlab/apputils';

import { sentenceOf } from '../api/errors';
import type { Attempt, AttemptKind } from '../api/shapes';
import { CommandIDs } from '../common/ids';
import { troubleOf, type Sheet } from '../notebook/sheet';
import type { Deck } from '../panel/deck';
import { timeOf } from './history';
import type { AttemptsModel } from './model';
import { spoken, unsent } from './words';

/** Milliseconds; a save takes four requests, which would hold up the verdict if they went first. */
const SAVE_AFTER = 2000;
const PAINTED = 50;

/** Announces what becomes of this press, saves the notebook, and moves the focus to the first failure if nobody went on typing. */
function follow(deck: Deck, sheet: Sheet, model: AttemptsModel, focus: boolean): void {
  const watch = sheet.watch();
  const before = document.activeElement;
  const save = () => deck.model.bench.service.phase === 'ready' && sheet.save();
  const late = window.setTimeout(save, SAVE_AFTER);
  const done = () => {
    window.clearTimeout(late);
    window.setTimeout(save, PAINTED);
    watch.stop();
    model.graded.disconnect(onGraded);
    model.stateChanged.disconnect(onState);
  };
  const onState = () => {
    if (model.pending?.state === 'unsent') {
      deck.model.announce(unsent(deck.model.bench.service.phase, deck.trans));
    } else if (!model.busy) {
      done();
      deck.model.announce(model.refusal ?? '');
    }
  };
  const onGraded = (_: AttemptsModel, attempt: Attempt) => {
    done();
    deck.model.announce(spoken(attempt, deck.trans));
    const idle = !watch.edited() && document.activeElement === before;
    if (focus && idle && attempt.status !== 'passed') {
      deck.model.wantFailure(attempt.id);
    }
  };
  model.graded.connect(onGraded);
  model.stateChanged.connect(onState);
}

function press(deck: Deck, kind: AttemptKind, origin: unknown): void {
  const { current, trans } = deck;
  if (!current || current.desk.attempts.busy) {
    return;
  }
  const { sheet, desk } = current;
  deck.show('results');
  const answer = sheet.find(desk.task.problem?.entry ?? []);
  const trouble = troubleOf(answer, trans);
  const code = sheet.source;
  if (trouble !== null || code === null) {
    desk.attempts.refuse(trouble ?? '');
    deck.model.announce(trouble ?? '');
    return;
  }
  deck.model.announce('');
  desk.attempts.press(kind, code);
  follow(deck, sheet, desk.attempts, kind === 'submit' && origin === 'keyboard');
}

async function restore(deck: Deck, id: string): Promise<void> {
  const { current, trans } = deck;
  const index = current?.sheet.answerIndex ?? null;
  if (!current || index === null) {
    return;
  }
  try {
    const attempt = await deck.model.bench.client.attempt(id);
    const { button } = await showDialog({
      title: trans.__('Put back this code?'),
      body: trans.__(
        'The answer cell will hold what you sent on %1. What is in it now comes back with Undo.',
        timeOf(attempt.submitted_at)
      ),
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({ label: trans.__('Put back') })
      ]
    });
    if (button.accept) {
      current.sheet.replace(attempt.code);
      await current.sheet.goTo(1);
    }
  } catch (error) {
    deck.model.bench.service.note(error);
    current.desk.attempts.refuse(sentenceOf(error));
  }
}

export function addAttemptCommands(deck: Deck): void {
  const { commands } = deck.app;
  const { trans } = deck;
  const isEnabled = () => deck.current !== null && !deck.current.desk.attempts.busy;
  commands.addCommand(CommandIDs.check, {
    label: trans.__('Check the Answer (sample tests)'),
    isEnabled,
    execute: args => press(deck, 'check', args.origin)
  });
  commands.addCommand(CommandIDs.submit, {
    label: trans.__('Submit the Answer (all tests)'),
    isEnabled,
    execute: args => press(deck, 'submit', args.origin)
  });
  commands.addCommand(CommandIDs.history, {
    label: trans.__('Show My Attempts'),
    isEnabled: () => deck.current !== null,
    execute: () => {
      deck.show('results');
      deck.model.wantHistory();
    }
  });
  commands.addCommand(CommandIDs.restore, {
    label: trans.__('Put an Earlier Attempt Back'),
    isVisible: () => false,
    execute: args => restore(deck, args.id as string)
  });
}
