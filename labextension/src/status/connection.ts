import {
  ConnectionLost,
  IConnectionLost,
  JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CONNECTION_ID } from '../common/ids';
import { preloadToasts } from './toasts';

const SHOWN_MS = 10_000;

/**
 * What happens when a call of JupyterLab's own does not get through.
 *
 * Under a hub JupyterLab's form of this says that the server is not running, after a moment without
 * a network too, and covers the page until somebody answers. Our banner knows which it was.
 */
export const connection: JupyterFrontEndPlugin<IConnectionLost> = {
  id: CONNECTION_ID,
  description: 'Tells that the server cannot be reached, without a window over the page.',
  autoStart: true,
  provides: IConnectionLost,
  requires: [JupyterFrontEnd.IPaths],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    paths: JupyterFrontEnd.IPaths,
    translator: ITranslator | null
  ) => {
    if (!paths.urls.hubPrefix) {
      return ConnectionLost;
    }
    const trans = (translator ?? nullTranslator).load('pythonmastery');
    void app.restored.then(preloadToasts);
    let told = '';
    return () => {
      if (!Notification.manager.has(told)) {
        const words = trans.__(
          'Your JupyterLab server cannot be reached just now. What you write stays on this page, and it is tried again by itself.'
        );
        told = Notification.warning(words, { autoClose: SHOWN_MS });
      }
      return Promise.resolve();
    };
  }
};
