import { useEffect, useRef, useState, type FormEvent } from 'react';

import { useTools } from '../common/context';
import { Button, Notice } from '../common/ui';
import type { PrivacyModel } from './model';
import { moment } from './moment';

/** Asks for the user name, so that nobody is erased by a slip. */
function Confirm({ model, onLeave }: { model: PrivacyModel; onLeave: () => void }): JSX.Element {
  const { trans } = useTools();
  const [typed, setTyped] = useState('');
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => box.current?.focus(), []);
  const wrong = typed !== model.username || model.busy;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!wrong) {
      void model.erase(typed);
    }
  };
  return (
    <form className="pm-confirm" onSubmit={submit}>
      <label htmlFor="pm-confirm-name">
        {trans.__('Type your user name, %1, to confirm:', model.username)}
      </label>
      <input
        id="pm-confirm-name"
        ref={box}
        value={typed}
        autoComplete="off"
        spellCheck={false}
        onChange={event => setTyped(event.target.value)}
      />
      <p className="pm-actions">
        <Button off={wrong} onPress={() => void model.erase(typed)}>
          {trans.__('Erase my account')}
        </Button>
        <Button onPress={onLeave}>{trans.__('Cancel')}</Button>
      </p>
    </form>
  );
}

/** It is asked for: until when it can be taken back. */
function Cooling({ model, due }: { model: PrivacyModel; due: string }): JSX.Element {
  const { trans } = useTools();
  const button = useRef<HTMLParagraphElement>(null);
  // What had the focus is gone, and this is the one thing left to do.
  useEffect(() => button.current?.querySelector('button')?.focus(), []);
  return (
    <>
      <div role="status">
        <Notice tone="warn">
          {trans.__(
            'Your account will be erased on %1. Until then you can change your mind.',
            moment(due)
          )}
        </Notice>
      </div>
      <p className="pm-actions" ref={button}>
        <Button kind="main" off={model.busy} onPress={() => void model.keep()}>
          {trans.__('Keep my account')}
        </Button>
      </p>
    </>
  );
}

/** Before anything is asked for, or after it was taken back. */
function Offer({ model }: { model: PrivacyModel }): JSX.Element {
  const { trans } = useTools();
  const [asking, setAsking] = useState(false);
  if (asking) {
    return <Confirm model={model} onLeave={() => setAsking(false)} />;
  }
  return (
    <>
      <div role="status">
        {model.erasure?.state === 'cancelled' && (
          <Notice tone="good">{trans.__('Your account stays: you took it back.')}</Notice>
        )}
      </div>
      <p className="pm-actions">
        <Button expanded={false} onPress={() => setAsking(true)}>
          {trans.__('Erase my account…')}
        </Button>
      </p>
    </>
  );
}

/** Everything about the learner goes, after days in which it can be taken back. */
export function EraseSection({ model }: { model: PrivacyModel }): JSX.Element {
  const { trans } = useTools();
  const { erasure } = model;
  const state = erasure?.state;
  return (
    <section aria-labelledby="pm-erase-title">
      <h3 id="pm-erase-title">{trans.__('Erase my account')}</h3>
      <p>
        {trans.__(
          'Your code, results, conversations and progress are deleted for good. You have at least 7 days to change your mind; after that nobody can bring them back. Notebooks in your own folder stay.'
        )}
      </p>
      {state === 'cooling' && erasure ? (
        <Cooling model={model} due={erasure.due_at} />
      ) : state === 'locked' || state === 'deleted' ? (
        <Notice tone="warn">{trans.__('Your account is being erased.')}</Notice>
      ) : (
        <Offer key={state} model={model} />
      )}
    </section>
  );
}
