import type { ISettingRegistry } from '@jupyterlab/settingregistry';

import { PLUGIN_ID } from './common/ids';
import type { Deck } from './panel/deck';
import type { StatusItem } from './status/item';

/** Settings that are read when something happens. */
export interface IOptions {
  openPanel: boolean;
}

/** Loads the settings and keeps them applied. */
export function applySettings(
  registry: ISettingRegistry | null,
  deck: Deck,
  status: StatusItem
): IOptions {
  const options: IOptions = { openPanel: true };
  const apply = (settings: ISettingRegistry.ISettings) => {
    options.openPanel = settings.get('openPanel').composite !== false;
    deck.confirmReset = settings.get('confirmReset').composite !== false;
    status.showXp = settings.get('showXp').composite !== false;
  };
  registry?.load(PLUGIN_ID).then(
    settings => {
      apply(settings);
      settings.changed.connect(apply);
    },
    (error: unknown) => console.error('PythonMastery could not read its settings', error)
  );
  return options;
}
