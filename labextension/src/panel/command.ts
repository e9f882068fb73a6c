import { CommandIDs } from '../common/ids';
import { courseIcon, panelIcon } from '../icons';
import type { Deck } from './deck';

export function addPanelCommands(deck: Deck, courseId: string): void {
  const { commands, shell } = deck.app;
  const { trans } = deck;
  commands.addCommand(CommandIDs.showPanel, {
    label: trans.__('Show the Panel'),
    icon: panelIcon,
    execute: () => {
      deck.reveal();
      deck.panel?.focus();
    }
  });
  commands.addCommand(CommandIDs.showCourse, {
    label: trans.__('Show the Course'),
    icon: courseIcon,
    execute: () => shell.activateById(courseId)
  });
  commands.addCommand(CommandIDs.hint, {
    label: trans.__('Show the Hints'),
    isEnabled: () => deck.current !== null,
    execute: () => deck.show('hints')
  });
  commands.addCommand(CommandIDs.ask, {
    label: trans.__('Ask the Tutor'),
    execute: () => {
      deck.show('tutor');
      // After the tab is painted: a hidden box cannot take the focus.
      requestAnimationFrame(() => deck.model.wantAsk());
    }
  });
}
