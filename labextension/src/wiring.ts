import type { ICommandPalette } from '@jupyterlab/apputils';
import type { ILauncher } from '@jupyterlab/launcher';
import type { IMainMenu } from '@jupyterlab/mainmenu';
import type { IStateDB } from '@jupyterlab/statedb';
import type { IDisposable } from '@lumino/disposable';
import { Menu } from '@lumino/widgets';

import { CommandIDs } from './common/ids';
import type { Deck } from './panel/deck';

interface IPlaces {
  palette: ICommandPalette | null;
  menu: IMainMenu | null;
  launcher: ILauncher | null;
}

const GROUPS = [
  [CommandIDs.resume, CommandIDs.showCourse, CommandIDs.showPanel],
  [CommandIDs.check, CommandIDs.submit, CommandIDs.goToLine],
  [CommandIDs.hint, CommandIDs.ask],
  [CommandIDs.history, CommandIDs.reset],
  [CommandIDs.myData],
  [CommandIDs.teach]
];

function addMenu(deck: Deck, mainMenu: IMainMenu): void {
  const menu = new Menu({ commands: deck.app.commands });
  menu.id = 'jp-mainmenu-pythonmastery';
  menu.title.label = deck.trans.__('PythonMastery');
  GROUPS.forEach((group, index) => {
    if (index > 0) {
      menu.addItem({ type: 'separator' });
    }
    group.forEach(command => menu.addItem({ command }));
  });
  mainMenu.addMenu(menu, false, { rank: 90 });
}

/** The card that leads on; it is there while there is a next problem, under its title. */
function addLauncherCard(deck: Deck, launcher: ILauncher): void {
  const { course } = deck.model.bench;
  let title: string | null = null;
  let card: IDisposable | null = null;
  course.stateChanged.connect(() => {
    const next = course.next?.title ?? null;
    if (next !== title) {
      title = next;
      card?.dispose();
      card =
        next === null
          ? null
          : launcher.add({
              command: CommandIDs.resume,
              category: 'PythonMastery',
              categoryRank: 0
            });
      deck.app.commands.notifyCommandChanged(CommandIDs.resume);
    }
  });
}

/** Palette, menu and launcher. */
export function addEntries(deck: Deck, { palette, menu, launcher }: IPlaces): void {
  const category = deck.trans.__('PythonMastery');
  GROUPS.flat().forEach(command => palette?.addItem({ command, category }));
  if (menu) {
    addMenu(deck, menu);
  }
  if (launcher) {
    deck.app.commands.notifyCommandChanged(CommandIDs.resume);
    addLauncherCard(deck, launcher);
  }
}

/** Shows the course the first time in a workspace; later the learner's own layout counts. */
export async function greet(deck: Deck, state: IStateDB, courseId: string): Promise<void> {
  const key = 'pythonmastery:greeted';
  if ((await state.fetch(key)) === undefined) {
    deck.firstTime = true;
    deck.app.shell.activateById(courseId);
    await state.save(key, true);
  }
}
