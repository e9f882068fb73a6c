import { useEffect, useId, useRef } from 'react';

import { useTools } from '../common/context';
import { Button, Notice } from '../common/ui';
import type { PanelModel } from '../panel/model';
import type { ConsentModel } from './consentModel';

function List({ title, items }: { title: string; items: readonly string[] }): JSX.Element {
  const id = useId();
  return (
    <>
      <p id={id}>{title}</p>
      <ul aria-labelledby={id}>
        {items.map(item => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </>
  );
}

interface IConsentQuestionProps {
  model: ConsentModel;
  panel: PanelModel;
}

/** Stands where one would write, until it is answered: before that nothing is sent. */
export function ConsentQuestion({ model, panel }: IConsentQuestionProps): JSX.Element | null {
  const { trans } = useTools();
  const title = useRef<HTMLHeadingElement>(null);
  const id = useId();

  useEffect(() => {
    const focus = () => title.current?.focus();
    if (model.again) {
      focus();
    }
    panel.askWanted.connect(focus);
    return () => {
      panel.askWanted.disconnect(focus);
    };
  }, [model, panel]);

  const { consent } = model;
  if (!consent) {
    return null;
  }
  return (
    <section className="pm-consent" aria-labelledby={id}>
      <h3 id={id} ref={title} tabIndex={-1}>
        {trans.__('May your questions be sent to %1?', consent.to)}
      </h3>
      <List title={trans.__('With each question this is sent:')} items={consent.sent} />
      <List title={trans.__('This is never sent:')} items={consent.never_sent} />
      <p>
        {trans.__(
          'Without it, built-in help answers. You can change this here at any time; under each answer you see what was sent.'
        )}
      </p>
      {model.error && <Notice tone="warn">{model.error}</Notice>}
      <div className="pm-actions">
        <Button kind="main" onPress={() => void model.decide(true)}>
          {trans.__('Yes, send them')}
        </Button>
        <Button onPress={() => void model.decide(false)}>{trans.__('No, built-in help')}</Button>
      </div>
    </section>
  );
}

/** What was decided, and the way to change it. */
export function ConsentLine({ model }: { model: ConsentModel }): JSX.Element | null {
  const { trans } = useTools();
  const { consent } = model;
  if (!consent?.needed) {
    return null;
  }
  return (
    <small className="pm-consented pm-muted">
      {consent.agreed
        ? trans.__('Questions are sent to %1.', consent.to)
        : trans.__('Nothing is sent: built-in help answers.')}{' '}
      <Button kind="link" onPress={() => model.askAgain()}>
        {trans.__('Change this')}
      </Button>
    </small>
  );
}
