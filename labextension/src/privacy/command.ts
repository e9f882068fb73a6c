import type { ITools } from '../common/context';
import { CommandIDs } from '../common/ids';
import type { Deck } from '../panel/deck';
import { PrivacyModel } from './model';
import { PrivacyWidget } from './panel';

/** The browser's own way of saving a file. */
function save(data: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(data);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

export function addPrivacyCommand(deck: Deck, tools: ITools): void {
  const { commands, shell } = deck.app;
  const { client, profile, service } = deck.model.bench;
  let widget: PrivacyWidget | null = null;
  commands.addCommand(CommandIDs.myData, {
    label: deck.trans.__('My Data…'),
    caption: deck.trans.__(
      'Your profile and notices, a copy of your data, and the end of your account'
    ),
    execute: () => {
      if (!widget || widget.isDisposed) {
        widget = new PrivacyWidget(new PrivacyModel(client, service, save), profile, tools);
        shell.add(widget, 'main');
        void widget.model.load();
        void profile.load();
      }
      shell.activateById(widget.id);
    }
  });
}
