import { useEffect, useRef, useState } from 'react';

import type { AttemptSummary } from '../api/shapes';
import { useTools } from '../common/context';
import { CommandIDs } from '../common/ids';
import { Button } from '../common/ui';
import type { PanelModel } from '../panel/model';
import type { AttemptsModel } from './model';
import { stateWord } from './words';

export function timeOf(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

interface IEntryProps {
  attempt: AttemptSummary;
  model: AttemptsModel;
}

function Entry({ attempt, model }: IEntryProps): JSX.Element {
  const { commands, trans } = useTools();
  const when = timeOf(attempt.submitted_at);
  const kind = attempt.kind === 'check' ? trans.__('Check') : trans.__('Submit');
  const points =
    attempt.points !== null && attempt.kind === 'submit'
      ? ` · ${attempt.points} / ${attempt.max_points}`
      : '';
  const restore = () => void commands.execute(CommandIDs.restore, { id: attempt.id });
  return (
    <li aria-current={model.shown?.id === attempt.id || undefined}>
      <span className="pm-grow">
        {kind}: {stateWord(attempt, trans)}
        {points}
        <small>{when}</small>
      </span>
      <Button
        label={trans.__('Show the result of %1', when)}
        onPress={() => void model.show(attempt.id)}
      >
        {trans.__('Show')}
      </Button>
      <Button label={trans.__('Put back the code of %1', when)} onPress={restore}>
        {trans.__('Put back')}
      </Button>
    </li>
  );
}

/** All attempts, newest first; any of them can be put back into the answer cell. */
export function History({
  model,
  panel
}: {
  model: AttemptsModel;
  panel: PanelModel;
}): JSX.Element {
  const { trans } = useTools();
  const [open, setOpen] = useState(false);
  const summary = useRef<HTMLElement>(null);
  useEffect(() => {
    const show = () => {
      setOpen(true);
      summary.current?.focus();
    };
    panel.historyWanted.connect(show);
    return () => {
      panel.historyWanted.disconnect(show);
    };
  }, [panel]);
  return (
    <details
      className="pm-history"
      open={open}
      onToggle={event => setOpen(event.currentTarget.open)}
    >
      <summary ref={summary}>{trans.__('History')}</summary>
      {model.history.length === 0 ? (
        <p>{trans.__('Nothing sent yet: each check and each submission is kept here.')}</p>
      ) : (
        <ul>
          {model.history.map(attempt => (
            <Entry key={attempt.id} attempt={attempt} model={model} />
          ))}
        </ul>
      )}
      {model.hasMore && (
        <Button onPress={() => void model.more()}>{trans.__('Show earlier ones')}</Button>
      )}
    </details>
  );
}
