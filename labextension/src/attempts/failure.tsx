import { useEffect, useRef, type RefObject } from 'react';

import type { Attempt, TestResult } from '../api/shapes';
import { useTools } from '../common/context';
import { CommandIDs } from '../common/ids';
import { Markdown } from '../common/markdown';
import { Button, Card } from '../common/ui';
import { useModel } from '../common/useModel';
import { defines } from '../notebook/answer';
import type { PanelModel } from '../panel/model';
import { DifferenceView } from './difference';
import { Parts } from './parts';
import { ErrorBody, LineButton, Words } from './stopped';
import {
  adviceOf,
  causeOf,
  costOf,
  errorOf,
  isOurFault,
  lacksName,
  messageOf,
  titleOf
} from './words';

/** Takes the focus when the panel wants the failure of this attempt to have it. */
function useFailureFocus(model: PanelModel, attempt: Attempt): RefObject<HTMLHeadingElement> {
  const heading = useRef<HTMLHeadingElement>(null);
  const wanted = useModel(model).failureWanted === attempt.id;
  useEffect(() => {
    if (wanted) {
      heading.current?.focus();
      model.wantFailure(null);
    }
  }, [wanted, model]);
  return heading;
}

function HelpButtons(): JSX.Element {
  const { commands, trans } = useTools();
  return (
    <p className="pm-actions">
      <Button onPress={() => void commands.execute(CommandIDs.hint)}>
        {trans.__('Open a hint')}
      </Button>
      <Button onPress={() => void commands.execute(CommandIDs.ask)}>
        {trans.__('Ask about this')}
      </Button>
    </p>
  );
}

export function Printed({ text }: { text: string | null }): JSX.Element | null {
  const { trans } = useTools();
  return text ? (
    <details>
      <summary>{trans.__('What your code printed')}</summary>
      <pre tabIndex={0}>{text}</pre>
    </details>
  ) : null;
}

export function Cost({ test }: { test: TestResult }): JSX.Element | null {
  const cost = costOf(test);
  return cost ? <small className="pm-cost">{cost}</small> : null;
}

/** What one failed test says. */
export function FailureBody({ test }: { test: TestResult }): JSX.Element {
  const { rendermime, trans } = useTools();
  const late = test.status === 'timeout';
  const message = messageOf(test);
  return (
    <>
      {late && <p>{trans.__('This test ran out of time.')}</p>}
      {message && (
        <Words text={message}>
          <Markdown rendermime={rendermime} source={message} />
        </Words>
      )}
      <DifferenceView test={test} />
      <Parts test={test} />
      {test.line !== null && <LineButton line={test.line} />}
      <Printed text={test.stdout} />
    </>
  );
}

interface IFailureCardProps {
  attempt: Attempt;
  test: TestResult;
  model: PanelModel;
}

/** The first failure, open. */
export function FailureCard({ attempt, test, model }: IFailureCardProps): JSX.Element {
  const { trans } = useTools();
  const heading = useFailureFocus(model, attempt);
  const error = errorOf(attempt, test);
  const stopped = error !== null && !lacksName(error);
  const entry = model.bench.desk(attempt.problem).task.problem?.entry ?? [];
  const lacking = entry.filter(name => !defines(attempt.code, name));
  const cause = causeOf(attempt, test, lacking, trans);
  return (
    <Card tone="bad">
      <h3 ref={heading} tabIndex={-1}>
        {test.name} {test.visible === 'hidden' && <small>{trans.__('(hidden)')}</small>}
      </h3>
      {stopped && <p>{trans.__('Your code stopped with %1 in this test.', error.type)}</p>}
      {cause && <p>{cause}</p>}
      <FailureBody test={error ? { ...test, line: null } : test} />
      {error && <ErrorBody error={error} told={messageOf(test) ?? ''} />}
      <Cost test={test} />
      <HelpButtons />
    </Card>
  );
}

/** A run that ended as a whole: syntax, crash, memory, time, our fault. */
export function ErrorCard({
  attempt,
  model
}: {
  attempt: Attempt;
  model: PanelModel;
}): JSX.Element {
  const { trans } = useTools();
  const heading = useFailureFocus(model, attempt);
  const ours = isOurFault(attempt);
  const { error } = attempt;
  const advice = adviceOf(attempt, trans);
  return (
    <Card tone={ours ? 'warn' : 'bad'}>
      <h3 ref={heading} tabIndex={-1}>
        {titleOf(attempt, trans)}
      </h3>
      {advice && <p>{advice}</p>}
      {error && !ours && <ErrorBody error={error} told={advice ?? ''} />}
      <Printed text={attempt.stdout} />
      {!ours && <HelpButtons />}
    </Card>
  );
}
