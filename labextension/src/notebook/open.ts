import { PathExt } from '@jupyterlab/coreutils';
import type { Contents } from '@jupyterlab/services';
import type { CommandRegistry } from '@lumino/commands';

import type { Client } from '../api/client';
import type { ProblemNotebook } from '../api/shapes';

/**
 * Whether something is at the path.
 *
 * Walks down the folders' listings: asking for a path that is absent would put a 404 into the console.
 */
async function exists(contents: Contents.IManager, path: string): Promise<boolean> {
  let folder = '';
  for (const name of path.split('/').filter(Boolean)) {
    const listing = await contents.get(folder, { content: true, type: 'directory' });
    const entries = listing.content as Contents.IModel[];
    if (!entries.some(entry => entry.name === name)) {
      return false;
    }
    folder = PathExt.join(folder, name);
  }
  return true;
}

async function makeFolder(contents: Contents.IManager, path: string): Promise<void> {
  if (path === '' || (await exists(contents, path))) {
    return;
  }
  await makeFolder(contents, PathExt.dirname(path));
  await contents.save(path, { type: 'directory' });
}

/** Writes a notebook where nothing is yet; the learner's work is never written over. */
async function place(
  contents: Contents.IManager,
  notebook: ProblemNotebook,
  path: string
): Promise<void> {
  await makeFolder(contents, PathExt.dirname(path));
  await contents.save(path, { type: 'notebook', format: 'json', content: notebook.notebook });
}

/** `a/two-fer-1.0.0.ipynb` → `a/two-fer-1.0.0-2.ipynb`, `-3` and so on. */
export function beside(path: string, count: number): string {
  return path.replace(/\.ipynb$/, `-${count}.ipynb`);
}

/** Opens problems' notebooks in Lab. */
export class Opener {
  constructor(
    private readonly _client: Client,
    private readonly _contents: Contents.IManager,
    private readonly _commands: CommandRegistry
  ) {}

  /** Opens the learner's notebook of the problem; makes it when there is none. */
  async open(slug: string): Promise<void> {
    const notebook = await this._client.notebook(slug);
    if (!(await exists(this._contents, notebook.path))) {
      await place(this._contents, notebook, notebook.path);
    }
    await this._show(notebook.path);
  }

  /** Puts a fresh notebook beside the one that is there, and opens it. */
  async fresh(slug: string): Promise<void> {
    const notebook = await this._client.notebook(slug);
    let path = notebook.path;
    for (let count = 2; await exists(this._contents, path); count++) {
      path = beside(notebook.path, count);
    }
    await place(this._contents, notebook, path);
    await this._show(path);
  }

  private async _show(path: string): Promise<void> {
    await this._commands.execute('docmanager:open', { path, factory: 'Notebook' });
  }
}
