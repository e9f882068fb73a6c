import { CommandIDs } from '../common/ids';
import { courseIcon, panelIcon } from '../icons';
import type { Deck } from './deck';

/** Only http: the address comes from this server, in which notebooks of others may have run. */
function pagesOf(deck: Deck): string | null {
  const pages = deck.model.bench.service.status?.pages;
  const url = pages ? new URL(pages, window.location.href) : null;
  return url && /^https?:$/.test(url.protocol) ? url.href : null;
}

/** Opens a page of another origin that keeps no way back to this one. */
function addTeaching(deck: Deck): void {
  const { commands } = deck.app;
  const { service } = deck.model.bench;
  commands.addCommand(CommandIDs.teach, {
    label: deck.trans.__('Teaching Pages'),
    isVisible: () => pagesOf(deck) !== null,
    isEnabled: () => pagesOf(deck) !== null,
    execute: () => {
      window.open(pagesOf(deck) ?? '', '_blank', 'noopener,noreferrer');
    }
  });
  let known: string | null = null;
  service.stateChanged.connect(() => {
    if (pagesOf(deck) !== known) {
      known = pagesOf(deck);
      commands.notifyCommandChanged(CommandIDs.teach);
    }
  });
}

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
  addTeaching(deck);
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
