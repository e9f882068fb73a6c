import { useEffect, useRef, type RefObject } from 'react';

import type { Attempt, ErrorDetail, TestResult } from '../api/shapes';
import { useTools } from '../common/context';
import { CommandIDs } from '../common/ids';
import { Markdown } from '../common/markdown';
import { Button, Card } from '../common/ui';
import { useModel } from '../common/useModel';
import { defines } from '../notebook/answer';
import type { PanelModel } from '../panel/model';
import { DifferenceView } from './difference';
import { adviceOf, causeOf, isOurFault, titleOf } from './words';

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

export function LineButton({ line }: { line: number }): JSX.Element {
  const { commands, trans } = useTools();
  return (
    <Button kind="link" onPress={() => void commands.execute(CommandIDs.goToLine, { line })}>
      {trans.__('Go to line %1 of your answer', line)}
    </Button>
  );
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

/** What one failed test says. */
export function FailureBody({ test }: { test: TestResult }): JSX.Element {
  const { rendermime, trans } = useTools();
  const late = test.status === 'timeout';
  return (
    <>
      {late && <p>{trans.__('This test ran out of time.')}</p>}
      {test.message && <Markdown rendermime={rendermime} source={test.message} />}
      <DifferenceView test={test} />
      {test.line !== null && <LineButton line={test.line} />}
      <Printed text={test.stdout} />
    </>
  );
}

/** The line where it stopped, and Python's own words folded. */
function ErrorBody({ error, told }: { error: ErrorDetail; told: string }): JSX.Element {
  const { trans } = useTools();
  const words = error.message ? `${error.type}: ${error.message}` : error.type;
  return (
    <>
      {!told.includes(error.message || error.type) && <p>{words}</p>}
      {error.text && (
        <pre className="pm-source" tabIndex={0}>
          {error.line !== null && <span className="pm-line-number">{error.line}</span>}
          {error.text.replace(/\s+$/, '')}
        </pre>
      )}
      {error.line !== null && <LineButton line={error.line} />}
      {error.traceback && (
        <details>
          <summary>{trans.__("Python's own message")}</summary>
          <pre tabIndex={0}>{`${error.traceback.trimEnd()}\n${words}`}</pre>
        </details>
      )}
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
  const error = test.status === 'error' ? attempt.error : null;
  const entry = model.bench.desk(attempt.problem).task.problem?.entry ?? [];
  const lacking = entry.filter(name => !defines(attempt.code, name));
  const cause = causeOf(attempt, test, lacking, trans);
  return (
    <Card tone="bad">
      <h3 ref={heading} tabIndex={-1}>
        {test.name} {test.visible === 'hidden' && <small>{trans.__('(hidden)')}</small>}
      </h3>
      {error && <p>{trans.__('Your code stopped with %1 in this test.', error.type)}</p>}
      {cause && <p>{cause}</p>}
      <FailureBody test={error ? { ...test, line: null } : test} />
      {error && <ErrorBody error={error} told="" />}
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
