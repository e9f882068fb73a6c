import type { VDomModel } from '@jupyterlab/ui-components';
import { useEffect, useReducer } from 'react';

/** Renders the component again whenever the model says that it changed. */
export function useModel<T extends VDomModel>(model: T): T {
  const [, again] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    model.stateChanged.connect(again);
    again();
    return () => {
      model.stateChanged.disconnect(again);
    };
  }, [model]);
  return model;
}
