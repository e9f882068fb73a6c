import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { createContext, useContext } from 'react';

/** What every component may need, handed down once. */
export interface ITools {
  commands: CommandRegistry;
  rendermime: IRenderMimeRegistry;
  trans: TranslationBundle;
}

const Tools = createContext<ITools | null>(null);

export const ToolsProvider = Tools.Provider;

export function useTools(): ITools {
  const tools = useContext(Tools);
  if (!tools) {
    throw new Error('A PythonMastery component was rendered outside its ToolsProvider');
  }
  return tools;
}
