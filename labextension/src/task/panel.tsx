import type { Problem } from '../api/shapes';
import { useTools } from '../common/context';
import { CommandIDs } from '../common/ids';
import { Markdown } from '../common/markdown';
import { Button, Empty, Notice } from '../common/ui';
import { useModel } from '../common/useModel';
import type { TaskModel } from './model';

/** The statement's own title is the panel's heading already. */
function withoutTitle(statement: string): string {
  return statement.replace(/^\s*#[^#\n][^\n]*\n+/, '');
}

function Facts({ problem }: { problem: Problem }): JSX.Element {
  const { trans } = useTools();
  const { limits } = problem;
  const samples = problem.tests.filter(test => test.visible === 'sample').length;
  const imports = problem.allow_imports.join(', ') || trans.__('none');
  return (
    <dl className="pm-facts">
      <dt>{trans.__('Tests')}</dt>
      <dd>{trans.__('%1 sample, %2 hidden', samples, problem.tests.length - samples)}</dd>
      <dt>{trans.__('Limits')}</dt>
      <dd>{trans.__('%1 s, %2 MB', limits.cpu_seconds, limits.memory_mb)}</dd>
      <dt>{trans.__('Imports')}</dt>
      <dd>{imports}</dd>
      {problem.xp > 0 && (
        <>
          <dt>{trans.__('Earned')}</dt>
          <dd>{trans.__('%1 XP', problem.xp)}</dd>
        </>
      )}
    </dl>
  );
}

function Body({ problem }: { problem: Problem }): JSX.Element {
  const { commands, rendermime, trans } = useTools();
  return (
    <>
      <h2>{problem.title}</h2>
      <p className="pm-kind">
        {trans.__('Difficulty %1 of 10', problem.difficulty)} ·{' '}
        {trans.__('about %1 min', problem.minutes)} · {problem.domain}
      </p>
      <Markdown rendermime={rendermime} source={withoutTitle(problem.statement)} />
      {problem.context && (
        <details>
          <summary>{trans.__('Why it matters')}</summary>
          <Markdown rendermime={rendermime} source={problem.context} />
        </details>
      )}
      <Facts problem={problem} />
      {problem.debrief && (
        <section className="pm-debrief">
          <h3>{trans.__('Looking back')}</h3>
          <Markdown rendermime={rendermime} source={problem.debrief} />
        </section>
      )}
      <p className="pm-actions">
        <Button onPress={() => void commands.execute(CommandIDs.goToLine, { line: 1 })}>
          {trans.__('Go to the answer cell')}
        </Button>
      </p>
    </>
  );
}

/** The Task tab. */
export function TaskPanel({ model }: { model: TaskModel }): JSX.Element {
  const { trans } = useTools();
  const { problem, error } = useModel(model);
  if (error) {
    return <Notice tone="warn">{error}</Notice>;
  }
  return problem ? <Body problem={problem} /> : <Empty>{trans.__('Loading…')}</Empty>;
}
