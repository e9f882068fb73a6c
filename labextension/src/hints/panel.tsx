import { useEffect, useRef } from 'react';

import type { Hint } from '../api/shapes';
import { useTools } from '../common/context';
import { Markdown } from '../common/markdown';
import { Button, Empty, Mark, Notice } from '../common/ui';
import { useModel } from '../common/useModel';
import { clock } from './clock';
import { useCountdown } from './countdown';
import type { HintsModel } from './model';

function hostOf(link: string): string {
  try {
    return new URL(link).host;
  } catch {
    return '';
  }
}

/** Words for the rungs of the ladder; a kind that is new here is shown as it is. */
function useKinds(): Record<string, string> {
  const { trans } = useTools();
  return {
    nudge: trans.__('a nudge'),
    concept: trans.__('the idea behind it'),
    plan: trans.__('a plan in words'),
    partial: trans.__('part of the code')
  };
}

/** What a link is about: the place in the page, or the page. */
function nameOf(link: string): string {
  const parts = link.split(/[/#]/).filter(Boolean);
  return decodeURI(parts.at(-1) ?? link).replace(/\.html?$/, '');
}

function Links({ links }: { links: string[] }): JSX.Element | null {
  const { trans } = useTools();
  const web = links.filter(link => /^https?:\/\//.test(link));
  return web.length === 0 ? null : (
    <ul className="pm-links" aria-label={trans.__('To read')}>
      {web.map(link => (
        <li key={link}>
          <a href={link} target="_blank" rel="noopener noreferrer">
            {nameOf(link)}
            <span className="pm-host"> ({hostOf(link)})</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Opened({ hint, fresh }: { hint: Hint; fresh: boolean }): JSX.Element {
  const { rendermime, trans } = useTools();
  const kinds = useKinds();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (fresh) {
      heading.current?.focus();
    }
  }, [fresh]);
  return (
    <li className="pm-rung pm-mod-opened">
      <h3 ref={heading} tabIndex={-1}>
        {trans.__('Hint %1', hint.order)} <small>{kinds[hint.kind] ?? hint.kind}</small>
      </h3>
      <Markdown rendermime={rendermime} source={hint.text ?? ''} />
      <Links links={hint.links} />
    </li>
  );
}

function Available({ hint, model }: { hint: Hint; model: HintsModel }): JSX.Element {
  const { trans } = useTools();
  const kinds = useKinds();
  return (
    <li className="pm-rung">
      <Button kind="main" off={model.opening !== null} onPress={() => void model.open(hint.order)}>
        {trans.__('Open hint %1', hint.order)}
      </Button>{' '}
      <small>{kinds[hint.kind] ?? hint.kind}</small>
    </li>
  );
}

function Locked({ hint, model }: { hint: Hint; model: HintsModel }): JSX.Element {
  const { trans } = useTools();
  const kinds = useKinds();
  const left = useCountdown(hint.opens_at, () => void model.load());
  return (
    <li className="pm-rung pm-mod-locked">
      <Mark state="locked" />
      <span>
        {trans.__('Hint %1', hint.order)} <small>{kinds[hint.kind] ?? hint.kind}</small>
        {hint.unlock && <small className="pm-line">{hint.unlock}</small>}
        {left !== null && (
          <small className="pm-line" role="timer" aria-live="off">
            {trans.__('Opens by itself in %1', clock(left))}
          </small>
        )}
      </span>
    </li>
  );
}

/** The Hints tab: the server says which rung is open. */
export function HintsPanel({ model }: { model: HintsModel }): JSX.Element {
  const { trans } = useTools();
  const { hints, error, fresh } = useModel(model);
  return (
    <>
      {error && <Notice tone="warn">{error}</Notice>}
      {hints?.length === 0 && <Empty>{trans.__('This problem has no hints.')}</Empty>}
      {hints && hints.length > 0 && (
        <ol className="pm-rungs" aria-label={trans.__('Hints')}>
          {hints.map(hint =>
            hint.state === 'opened' ? (
              <Opened key={hint.order} hint={hint} fresh={fresh === hint.order} />
            ) : hint.state === 'available' ? (
              <Available key={hint.order} hint={hint} model={model} />
            ) : (
              <Locked key={hint.order} hint={hint} model={model} />
            )
          )}
        </ol>
      )}
    </>
  );
}
