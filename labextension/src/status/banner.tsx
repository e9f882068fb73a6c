import { useTools } from '../common/context';
import { Notice } from '../common/ui';
import { useModel } from '../common/useModel';
import type { ServiceModel } from './model';

/** Says that the service is starting or away, and that nothing has to be done about it. */
export function ServiceBanner({ service }: { service: ServiceModel }): JSX.Element | null {
  const { trans } = useTools();
  const { phase, detail } = useModel(service);
  if (phase === 'ready' || phase === 'connecting') {
    return null;
  }
  return (
    <div role="status">
      {phase === 'starting' ? (
        <Notice tone="calm">
          <b>{trans.__('Starting…')}</b> {detail}
        </Notice>
      ) : (
        <Notice tone="warn">
          <b>{detail ? trans.__('The service is not ready.') : trans.__('The service is away.')}</b>{' '}
          {detail}{' '}
          {trans.__('Your work is safe in the notebook; this goes on by itself when it is back.')}
        </Notice>
      )}
    </div>
  );
}
