import { PageConfig, URLExt } from '@jupyterlab/coreutils';

import { useTools } from '../common/context';
import { Notice } from '../common/ui';
import { useModel } from '../common/useModel';
import type { ServiceModel } from './model';

/** In a tab of its own, since this page goes on with what it holds as soon as that is done. */
function Elsewhere({ href, words }: { href: string; words: string }): JSX.Element {
  const { trans } = useTools();
  return (
    <>
      <a href={href} target="_blank" rel="noopener noreferrer">
        {words}
      </a>
      {'. '}
      {trans.__('What you wrote is kept, and what was not sent is sent when you are back.')}
    </>
  );
}

function SignedOut({ service }: { service: ServiceModel }): JSX.Element {
  const { trans } = useTools();
  const { address, detail, forgotten } = service;
  const home = URLExt.join(PageConfig.getOption('hubPrefix') || '/hub/', 'home');
  return (
    <Notice tone="warn">
      {detail}{' '}
      {forgotten ? (
        <Elsewhere href={home} words={trans.__("Open the hub's home page")} />
      ) : (
        <Elsewhere
          href={URLExt.join(address, 'lab')}
          words={trans.__('Sign in again in a new tab')}
        />
      )}
    </Notice>
  );
}

/** After a while without use, most often; the hub asks to sign in first if that has ended too. */
function Stopped({ service }: { service: ServiceModel }): JSX.Element {
  const { trans } = useTools();
  return (
    <Notice tone="warn">
      <b>{trans.__('Your JupyterLab server was stopped.')}</b>{' '}
      <Elsewhere
        href={URLExt.join(service.address, 'lab')}
        words={trans.__('Sign in again and start it in a new tab')}
      />
    </Notice>
  );
}

/** Says what is the matter with the service or the way to it, and what there is to do, if anything. */
export function ServiceBanner({ service }: { service: ServiceModel }): JSX.Element | null {
  const { trans } = useTools();
  const { phase, detail } = useModel(service);
  if (phase === 'ready' || phase === 'connecting') {
    return null;
  }
  return (
    <div role="status">
      {phase === 'signed-out' && <SignedOut service={service} />}
      {phase === 'stopped' && <Stopped service={service} />}
      {phase === 'turned-away' && (
        <Notice tone="bad">
          <b>{trans.__('You cannot go on here.')}</b> {detail}{' '}
          {trans.__('What you wrote stays in your notebooks.')}
        </Notice>
      )}
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
