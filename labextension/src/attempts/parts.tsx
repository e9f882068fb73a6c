import type { TranslationBundle } from '@jupyterlab/translation';

import type { DifferencePart, TestResult } from '../api/shapes';
import { useTools } from '../common/context';
import { compare, type Piece } from './diff';
import { Marked } from './marked';

interface ISideProps {
  name: string;
  value: string;
  /** Null when the other side has nothing here: then all of it is what differs. */
  pieces: Piece[] | null;
  kind: 'ins' | 'del';
}

function Side({ name, value, pieces, kind }: ISideProps): JSX.Element {
  return (
    <span>
      {name} <Marked pieces={pieces ?? [{ text: value, differs: false }]} kind={kind} />
    </span>
  );
}

/** Both values of a part, or the one that is there. */
function Sides({ part: { expected, actual } }: { part: DifferencePart }): JSX.Element {
  const { trans } = useTools();
  const both = expected !== null && actual !== null ? compare(expected, actual) : null;
  const wanted = both ? trans.__('expected') : trans.__('missing');
  const got = both ? trans.__('yours') : trans.__('not expected');
  return (
    <>
      {expected !== null && (
        <Side name={wanted} value={expected} pieces={both?.expected ?? null} kind="ins" />
      )}
      {actual !== null && (
        <Side name={got} value={actual} pieces={both?.actual ?? null} kind="del" />
      )}
    </>
  );
}

function Part({ part }: { part: DifferencePart }): JSX.Element {
  return (
    <li>
      {part.path && <code className="pm-path">{part.path}</code>}
      <Sides part={part} />
      {part.note && <span className="pm-note">{part.note}</span>}
    </li>
  );
}

/** What a screen reader calls the list. */
function labelOf(parts: readonly DifferencePart[], trans: TranslationBundle): string {
  return trans._n('What differs: %1 place', 'What differs: %1 places', parts.length);
}

/** Each place where the two values differ, as the grader found them. */
export function Parts({ test }: { test: TestResult }): JSX.Element | null {
  const { trans } = useTools();
  const parts = test.difference;
  return parts.length === 0 ? null : (
    <ul className="pm-parts" aria-label={labelOf(parts, trans)}>
      {parts.map((part, index) => (
        <Part key={index} part={part} />
      ))}
    </ul>
  );
}
