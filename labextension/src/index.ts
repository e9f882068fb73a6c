import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { IMainMenu } from '@jupyterlab/mainmenu';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { Client } from './api/client';
import { addAttemptCommands } from './attempts/command';
import type { ITools } from './common/context';
import { PLUGIN_ID } from './common/ids';
import { strictRenderMime } from './common/markdown';
import { CourseWidget } from './course/panel';
import { addNotebookCommands } from './notebook/command';
import { showNotices } from './notices/show';
import { followNotebooks } from './notebook/follow';
import { Opener } from './notebook/open';
import { addPanelCommands } from './panel/command';
import { Deck } from './panel/deck';
import { PanelModel } from './panel/model';
import { PanelWidget } from './panel/widget';
import { Workbench } from './panel/workbench';
import { addPrivacyCommand } from './privacy/command';
import { applySettings } from './settings';
import { connection } from './status/connection';
import { StatusItem } from './status/item';
import { addEntries, greet } from './wiring';

const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'Learn Python on real problems: course, results, hints and a tutor.',
  autoStart: true,
  requires: [INotebookTracker, IRenderMimeRegistry],
  optional: [
    ITranslator,
    ISettingRegistry,
    ICommandPalette,
    IMainMenu,
    ILauncher,
    IStatusBar,
    ILayoutRestorer,
    IStateDB
  ],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    rendermime: IRenderMimeRegistry,
    translator: ITranslator | null,
    settings: ISettingRegistry | null,
    palette: ICommandPalette | null,
    menu: IMainMenu | null,
    launcher: ILauncher | null,
    statusBar: IStatusBar | null,
    restorer: ILayoutRestorer | null,
    state: IStateDB | null
  ) => {
    const trans = (translator ?? nullTranslator).load('pythonmastery');
    const { commands, serviceManager } = app;
    const client = new Client(serviceManager.serverSettings);
    const bench = new Workbench(client);
    const model = new PanelModel(bench);
    const opener = new Opener(client, serviceManager.contents, commands);
    const deck = new Deck(app, tracker, model, opener, trans);
    const tools: ITools = { commands, trans, rendermime: strictRenderMime(rendermime, trans) };

    const course = new CourseWidget(bench.course, bench.service, tools);
    const panel = (deck.panel = new PanelWidget(model, tools, () => deck.sheet?.source ?? null));
    addAttemptCommands(deck);
    addNotebookCommands(deck);
    addPanelCommands(deck, course.id);
    addPrivacyCommand(deck, tools);

    app.shell.add(course, 'left', { rank: 150 });
    app.shell.add(panel, 'right', { rank: 50 });
    restorer?.add(course, course.id);
    restorer?.add(panel, panel.id);

    const status = new StatusItem(bench.service, commands, trans);
    statusBar?.registerStatusItem('pythonmastery:status', {
      item: status,
      align: 'left',
      rank: 90
    });
    addEntries(deck, { palette, menu, launcher });
    const options = applySettings(settings, deck, status);
    followNotebooks(deck, tools, options);
    showNotices(deck);
    bench.start();
    void app.restored.then(() => state && greet(deck, state, course.id));
  }
};

export default [plugin, connection];
