import type { TestResult } from '../api/shapes';
import { useTools } from '../common/context';
import { Mark, type MarkState } from '../common/ui';
import { Cost, FailureBody } from './failure';
import { costly, costOf } from './words';

function markOf(test: TestResult): MarkState {
  return test.status === 'passed' ? 'passed' : test.status === 'not_run' ? 'notRun' : 'failed';
}

function useWords(test: TestResult): { state: string; points: string } {
  const { trans } = useTools();
  const words: Record<TestResult['status'], string> = {
    passed: trans.__('passed'),
    failed: trans.__('failed'),
    error: trans.__('stopped'),
    timeout: trans.__('out of time'),
    not_run: trans.__('not run')
  };
  const full = test.points === test.max_points;
  return {
    state: words[test.status],
    points: full ? String(test.points) : `${test.points} / ${test.max_points}`
  };
}

function Head({ test }: { test: TestResult }): JSX.Element {
  const { trans } = useTools();
  const words = useWords(test);
  const cost = costOf(test);
  return (
    <>
      <Mark state={markOf(test)} />
      <span className="pm-grow" title={cost || undefined}>
        <span className="pm-sr">{words.state}: </span>
        {test.name} {test.visible === 'hidden' && <small>{trans.__('(hidden)')}</small>}
      </span>
      {costly(test) && <span className="pm-cost">{cost}</span>}
      <span className="pm-points">
        {words.points}
        <span className="pm-sr"> {trans.__('points')}</span>
      </span>
    </>
  );
}

/** Every test by name; failed ones other than the first can be opened. */
export function TestList({
  tests,
  open
}: {
  tests: TestResult[];
  open: string | null;
}): JSX.Element {
  const { trans } = useTools();
  return (
    <ul className="pm-tests" aria-label={trans.__('Tests')}>
      {tests.map(test => (
        <li key={test.key}>
          {markOf(test) === 'failed' && test.key !== open ? (
            <details>
              <summary className="pm-test">
                <Head test={test} />
              </summary>
              <div className="pm-test-body">
                <FailureBody test={test} />
                <Cost test={test} />
              </div>
            </details>
          ) : (
            <div className="pm-test">
              <Head test={test} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
