import type { Attempt } from '../api/shapes';
import { useTools } from '../common/context';
import { milliseconds, tally } from './words';

/** With more there is no room for gaps between them. */
const MANY = 60;

function Segments({ attempt }: { attempt: Attempt }): JSX.Element {
  const { trans } = useTools();
  const passed = attempt.tests.filter(test => test.status === 'passed').length;
  const notRun = attempt.tests.filter(test => test.status === 'not_run').length;
  const failed = attempt.tests.length - passed - notRun;
  const label = trans.__('Tests: %1 passed, %2 failed, %3 not run', passed, failed, notRun);
  const many = attempt.tests.length > MANY;
  return (
    <div className={many ? 'pm-segments pm-many' : 'pm-segments'} role="img" aria-label={label}>
      {attempt.tests.map(test => (
        <i key={test.key} className={`pm-seg-${segment(test.status)}`} />
      ))}
    </div>
  );
}

function segment(status: Attempt['tests'][number]['status']): string {
  return status === 'passed' || status === 'not_run' ? status : 'failed';
}

/** Points, or tests for a check, with the numbers behind them. */
export function Score({ attempt }: { attempt: Attempt }): JSX.Element | null {
  const { trans } = useTools();
  if (attempt.tests.length === 0 || attempt.points === null) {
    return null;
  }
  const { visible, hidden } = tally(attempt.tests);
  const check = attempt.kind === 'check';
  // In steps, so that it does not tell what the hidden tests hide.
  const rough = hidden.total > 0 ? '≤ ' : '';
  const facts = [
    ...(check ? [] : [trans.__('visible %1/%2', visible.passed, visible.total)]),
    ...(hidden.total > 0 ? [trans.__('hidden %1/%2', hidden.passed, hidden.total)] : []),
    ...(check ? [trans.__('sample tests only')] : []),
    ...(attempt.execution_time_ms !== null ? [rough + milliseconds(attempt.execution_time_ms)] : [])
  ];
  const [got, of] = check ? [visible.passed, visible.total] : [attempt.points, attempt.max_points];
  return (
    <div className="pm-score">
      <p>
        <b>
          {got} / {of}
        </b>{' '}
        <small>{facts.join(' · ')}</small>
      </p>
      <Segments attempt={attempt} />
    </div>
  );
}
