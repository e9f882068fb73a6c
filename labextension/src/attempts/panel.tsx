import type { Attempt } from '../api/shapes';
import { useTools } from '../common/context';
import { CommandIDs } from '../common/ids';
import { Button, Card, Empty, Notice } from '../common/ui';
import { useModel } from '../common/useModel';
import type { Desk } from '../panel/desk';
import type { PanelModel } from '../panel/model';
import { ErrorCard, FailureCard, Printed } from './failure';
import { History, timeOf } from './history';
import type { ServiceModel } from '../status/model';
import type { AttemptsModel, Pending } from './model';
import { Score } from './score';
import { TestList } from './tests';
import { endedEarly, firstFailure, titleOf, unlisted, unsent } from './words';

interface IWaitingProps {
  pending: Pending;
  service: ServiceModel;
}

function Waiting({ pending, service }: IWaitingProps): JSX.Element {
  const { trans } = useTools();
  const { phase, status } = useModel(service);
  if (pending.state === 'unsent') {
    return <Notice tone="warn">{unsent(phase, trans)}</Notice>;
  }
  const ahead = pending.attempt?.queue_position ?? 0;
  let text =
    pending.kind === 'check'
      ? trans.__('Running the sample tests…')
      : trans.__('Running all tests…');
  if (status?.grader.state === 'starting') {
    text = trans.__('The grader is starting; your code is next.');
  } else if (ahead > 0) {
    text = trans._n(
      'Waiting: %1 attempt before yours.',
      'Waiting: %1 attempts before yours.',
      ahead
    );
  }
  return (
    <div className="pm-waiting">
      <span className="pm-spinner" aria-hidden="true" />
      {text}
    </div>
  );
}

/** Solved: what it gave, and the way on. */
function Solved({ attempt, panel }: { attempt: Attempt; panel: PanelModel }): JSX.Element {
  const { commands, trans } = useTools();
  const course = useModel(panel.bench.course);
  const aided = course.problem(attempt.problem)?.aided ?? attempt.hints_used > 0;
  const next = course.next;
  return (
    <Card tone="good">
      <h3>{trans.__('Solved')}</h3>
      <p>
        {attempt.xp_gained > 0 && <b>{trans.__('+%1 XP', attempt.xp_gained)} · </b>}
        {aided ? trans.__('with help') : trans.__('unaided')}
      </p>
      {next && next.slug !== attempt.problem && (
        <p className="pm-actions">
          <Button
            kind="main"
            onPress={() => void commands.execute(CommandIDs.open, { slug: next.slug })}
          >
            {trans.__('Next: %1', next.title)}
          </Button>
        </p>
      )}
    </Card>
  );
}

function CheckPassed({ attempt }: { attempt: Attempt }): JSX.Element {
  const { commands, trans } = useTools();
  return (
    <Card tone="calm">
      <h3>{titleOf(attempt, trans)}</h3>
      <p className="pm-actions">
        <Button kind="main" onPress={() => void commands.execute(CommandIDs.submit)}>
          {trans.__('Submit')}
        </Button>
      </p>
    </Card>
  );
}

function Verdict({ attempt, panel }: { attempt: Attempt; panel: PanelModel }): JSX.Element {
  const failure = firstFailure(attempt);
  if (attempt.status === 'passed') {
    return attempt.kind === 'check' ? (
      <CheckPassed attempt={attempt} />
    ) : (
      <Solved attempt={attempt} panel={panel} />
    );
  }
  return failure === null || endedEarly(attempt) ? (
    <ErrorCard attempt={attempt} model={panel} />
  ) : (
    <FailureCard attempt={attempt} test={failure} model={panel} />
  );
}

function Tests({ attempt }: { attempt: Attempt }): JSX.Element {
  const open = endedEarly(attempt) ? null : firstFailure(attempt);
  const rest = unlisted(attempt);
  return (
    <>
      {attempt.tests.length > 0 && <TestList tests={attempt.tests} open={open?.key ?? null} />}
      {rest && <p className="pm-muted">{rest}</p>}
    </>
  );
}

function Result({ model, panel }: { model: AttemptsModel; panel: PanelModel }): JSX.Element | null {
  const { trans } = useTools();
  const attempt = model.shown;
  if (!attempt || attempt.status === 'waiting') {
    return null;
  }
  const newest = model.history[0];
  const earlier = newest !== undefined && newest.id !== attempt.id;
  const when = timeOf(attempt.submitted_at);
  return (
    <section className="pm-result" aria-label={trans.__('Result')}>
      {!model.busy && (
        <p className="pm-kind">
          {attempt.kind === 'check' ? trans.__('Check') : trans.__('Submission')} · {when}
          {earlier && ` · ${trans.__('an earlier attempt')}`}
        </p>
      )}
      <Score attempt={attempt} />
      <Verdict attempt={attempt} panel={panel} />
      <Tests attempt={attempt} />
      {attempt.status === 'passed' && <Printed text={attempt.stdout} />}
    </section>
  );
}

/** The Results tab. */
export function ResultsPanel({ desk, panel }: { desk: Desk; panel: PanelModel }): JSX.Element {
  const { trans } = useTools();
  const model = useModel(desk.attempts);
  const nothing = !model.shown && !model.pending && !model.refusal;
  return (
    <>
      {model.pending && <Waiting pending={model.pending} service={panel.bench.service} />}
      {model.refusal && <Notice tone="warn">{model.refusal}</Notice>}
      {nothing && (
        <Empty>
          {trans.__(
            'Nothing sent yet. Check runs the sample tests; Submit runs the hidden ones too.'
          )}
        </Empty>
      )}
      <Result model={model} panel={panel} />
      <History model={model} panel={panel} />
    </>
  );
}
