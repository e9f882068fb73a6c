import { PageConfig, URLExt } from '@jupyterlab/coreutils';

import { useTools } from '../common/context';
import { Notice } from '../common/ui';
import { useModel } from '../common/useModel';
import type { ServiceModel } from './model';

/** In a tab of its own, since this page goes on with what it holds as soon as that is done. */
function SignedOut({ service }: { service: ServiceModel }): JSX.Element {
  const { trans } = useTools();
  const { address, detail, forgotten } = service;
  const home = URLExt.join(PageConfig.getOption('hubPrefix') || '/hub/', 'home');
  return (
    <Notice tone="warn">
      {detail}{' '}
      <a
        href={forgotten ? home : URLExt.join(address, 'lab')}
        target="_blank"
        rel="noopener noreferrer"
      >
        {forgotten ? trans.__("Open the hub's home page") : trans.__('Sign in again in a new tab')}
      </a>
      {'. '}
      {trans.__('What you wrote is kept, and what was not sent is sent when you are back.')}
    </Notice>
  );
}

/** Says that the service is starting or away, and that nothing has to be done about it. */
export function ServiceBanner({ service }: { service: ServiceModel }): JSX.Element | null {
  const { trans } = useTools();
  const { phase, detail } = useModel(service);
  if (phase === 'ready' || phase === 'connecting') {
    return null;
  }
  return (
    <div role="status">
      {phase === 'signed-out' && <SignedOut service={service} />}
      {phase === 'starting' && (
        <Notice tone="calm">
          <b>{trans.__('Starting…')}</b> {detail}
        </Notice>
      )}
      {phase === 'gone' && (
        <Notice tone="warn">
          <b>{detail ? trans.__('The service is not ready.') : trans.__('The service is away.')}</b>{' '}
          {detail}{' '}
          {trans.__('Your work is safe in the notebook; this goes on by itself when it is back.')}
        </Notice>
      )}
    </div>
  );
}
