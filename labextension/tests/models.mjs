/** Lets Node load the compiled models: imports without an ending, and only the model of a VDom. */
import { register } from 'node:module';

const hooks = `
  const model = 'data:text/javascript,' + encodeURIComponent(\`
    import { Signal } from '${import.meta.resolve('@lumino/signaling')}';
    export class VDomModel {
      stateChanged = new Signal(this);
      isDisposed = false;
      dispose() {
        this.isDisposed = true;
      }
    }\`);
  export async function resolve(name, context, next) {
    if (name === '@jupyterlab/ui-components') {
      return { url: model, format: 'module', shortCircuit: true };
    }
    const bare = name.startsWith('.') && !/\\.m?js$/.test(name);
    return next(bare ? name + '.js' : name, context);
  }`;
register('data:text/javascript,' + encodeURIComponent(hooks));

/** A module of ours, by its path below labextension/lib. */
export const load = path => import(`../lib/${path}.js`);
