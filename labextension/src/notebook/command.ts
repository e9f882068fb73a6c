import { Dialog, showDialog, showErrorMessage } from '@jupyterlab/apputils';

import { sentenceOf } from '../api/errors';
import { CommandIDs } from '../common/ids';
import { courseIcon } from '../icons';
import type { Deck } from '../panel/deck';

async function guarded(deck: Deck, title: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    deck.model.bench.service.note(error);
    const ok = Dialog.okButton({ label: deck.trans.__('OK') });
    await showErrorMessage(title, sentenceOf(error), [ok]);
  }
}

async function confirm(deck: Deck, body: string): Promise<boolean> {
  if (!deck.confirmReset) {
    return true;
  }
  const { trans } = deck;
  const { button } = await showDialog({
    title: trans.__('Start again?'),
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Reset') })
    ]
  });
  return button.accept;
}

async function reset(deck: Deck): Promise<void> {
  const { current, trans } = deck;
  if (!current) {
    return;
  }
  const { sheet, desk } = current;
  if (sheet.answerIndex === null) {
    const body = trans.__(
      'A fresh notebook is put beside this one. This one stays as it is, with all your work.'
    );
    if (await confirm(deck, body)) {
      await deck.opener.fresh(sheet.slug);
    }
    return;
  }
  const body = trans.__(
    'The answer cell goes back to the given code. What you sent stays in History, and Undo brings back what is in the cell now.'
  );
  if (await confirm(deck, body)) {
    const problem = desk.task.problem ?? (await deck.model.bench.client.problem(sheet.slug));
    sheet.replace(problem.starter_code);
    await sheet.goTo(1);
  }
}

export function addNotebookCommands(deck: Deck): void {
  const { commands } = deck.app;
  const { trans } = deck;
  const { course } = deck.model.bench;
  commands.addCommand(CommandIDs.open, {
    label: trans.__('Open a Problem'),
    isVisible: () => false,
    execute: args =>
      guarded(deck, trans.__('The problem could not be opened'), async () => {
        await deck.opener.open(args.slug as string);
        await deck.makeRoom();
        deck.show('task');
      })
  });
  commands.addCommand(CommandIDs.resume, {
    label: () =>
      course.next ? trans.__('Continue: %1', course.next.title) : trans.__('Continue the Course'),
    icon: courseIcon,
    caption: trans.__('Open the next problem of the PythonMastery course'),
    isEnabled: () => course.next !== null,
    execute: () =>
      course.next ? commands.execute(CommandIDs.open, { slug: course.next.slug }) : undefined
  });
  commands.addCommand(CommandIDs.reset, {
    label: trans.__('Reset the Answer…'),
    isEnabled: () => deck.current !== null,
    execute: () => guarded(deck, trans.__('The answer could not be reset'), () => reset(deck))
  });
  commands.addCommand(CommandIDs.goToLine, {
    label: trans.__('Go to the Answer Cell'),
    isEnabled: () => deck.current !== null,
    execute: args => deck.sheet?.goTo(Number(args.line ?? 1))
  });
}
