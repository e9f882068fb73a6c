import { useState } from 'react';

import type { ProblemSummary, Section } from '../api/shapes';
import { useTools } from '../common/context';
import { CommandIDs } from '../common/ids';
import { Mark, type MarkState } from '../common/ui';
import type { CourseModel } from './model';
import { matches } from './search';

const MARKS: Record<ProblemSummary['state'], MarkState> = {
  locked: 'locked',
  new: 'new',
  started: 'started',
  solved: 'passed'
};

function useStateWords(problem: ProblemSummary): string {
  const { trans } = useTools();
  switch (problem.state) {
    case 'solved':
      return problem.aided ? trans.__('with help') : trans.__('unaided');
    case 'started':
      return problem.best_points > 0
        ? `${problem.best_points} / ${problem.max_points}`
        : trans.__('started');
    case 'locked':
      return trans.__('locked');
    case 'new':
      return trans.__('%1 min', problem.minutes);
  }
}

interface IProblemProps {
  problem: ProblemSummary;
  current: boolean;
}

function ProblemRow({ problem, current }: IProblemProps): JSX.Element {
  const { commands, trans } = useTools();
  const words = useStateWords(problem);
  const locked = problem.state === 'locked';
  const open = () => {
    if (!locked) {
      void commands.execute(CommandIDs.open, { slug: problem.slug });
    }
  };
  const title =
    problem.state === 'new'
      ? trans.__('Difficulty %1 of 10, about %2 minutes', problem.difficulty, problem.minutes)
      : (problem.locked ?? undefined);
  return (
    <li>
      <button
        type="button"
        className="pm-item"
        aria-current={current ? 'page' : undefined}
        aria-disabled={locked || undefined}
        title={title}
        onClick={open}
      >
        <Mark state={MARKS[problem.state]} />
        <span className="pm-grow">
          {problem.title}
          {locked && problem.locked && <small className="pm-line">{problem.locked}</small>}
        </span>
        <small>
          {words}
          {problem.state === 'new' && (
            <span className="pm-sr"> {trans.__('difficulty %1 of 10', problem.difficulty)}</span>
          )}
        </small>
      </button>
    </li>
  );
}

interface ISectionProps {
  section: Section;
  problems: ProblemSummary[];
  current: string | null;
  open: boolean;
  onToggle: (open: boolean) => void;
}

function SectionView(props: ISectionProps): JSX.Element {
  const { section, problems, current, open, onToggle } = props;
  const { trans } = useTools();
  const done = section.total > 0 && section.solved === section.total;
  return (
    <li className={section.locked ? 'pm-section pm-mod-locked' : 'pm-section'}>
      <button
        type="button"
        className="pm-section-head"
        aria-expanded={open}
        title={section.description}
        onClick={() => onToggle(!open)}
      >
        <span className={open ? 'pm-caret pm-mod-open' : 'pm-caret'} aria-hidden="true" />
        <span className="pm-grow">{section.name}</span>
        {done && <Mark state="passed" />}
        <small>
          {section.solved}/{section.total}
          <span className="pm-sr"> {trans.__('solved')}</span>
        </small>
      </button>
      <div className="pm-bar" aria-hidden="true">
        <i style={{ width: `${section.total ? (100 * section.solved) / section.total : 0}%` }} />
      </div>
      {section.locked && <p className="pm-locked-why">{section.locked}</p>}
      {open && (
        <>
          {section.estimated_hours > 0 && (
            <p className="pm-locked-why">
              {section.estimated_hours < 1
                ? trans.__('About %1 min', Math.round(section.estimated_hours * 60))
                : trans._n('About %1 hour', 'About %1 hours', section.estimated_hours)}
            </p>
          )}
          <ul className="pm-problems" aria-label={section.name}>
            {problems.map(problem => (
              <ProblemRow key={problem.slug} problem={problem} current={problem.slug === current} />
            ))}
          </ul>
        </>
      )}
    </li>
  );
}

/** Sections with their problems; a search opens every section that has a match. */
export function CourseTree({ model, search }: { model: CourseModel; search: string }): JSX.Element {
  const { trans } = useTools();
  const [toggled, setToggled] = useState<Record<string, boolean>>({});
  const lead = model.problem(model.current ?? '')?.section ?? model.next?.section;
  // What can be worked on is in sight; what is finished or locked is folded.
  const isOpen = (section: Section) =>
    section.slug === lead || (!section.locked && section.solved < section.total);
  const sections = [...(model.course?.sections ?? [])]
    .sort((a, b) => a.order - b.order)
    .map(section => ({
      section,
      problems: model.problemsOf(section).filter(problem => matches(problem, section, search))
    }))
    .filter(({ problems }) => !search.trim() || problems.length > 0);
  if (sections.length === 0) {
    return <p className="pm-empty">{trans.__('No problem matches.')}</p>;
  }
  return (
    <ul className="pm-sections" aria-label={trans.__('Sections')}>
      {sections.map(({ section, problems }) => (
        <SectionView
          key={section.slug}
          section={section}
          problems={problems}
          current={model.current}
          open={search.trim() !== '' || (toggled[section.slug] ?? isOpen(section))}
          onToggle={open => setToggled({ ...toggled, [section.slug]: open })}
        />
      ))}
    </ul>
  );
}
