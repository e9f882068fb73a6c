import type { TranslationBundle } from '@jupyterlab/translation';
import { useMemo } from 'react';

import type { TestResult } from '../api/shapes';
import { useTools } from '../common/context';
import { compare, type Difference, type Piece } from './diff';
import { Marked } from './marked';

interface ISideProps {
  name: string;
  value: string;
  pieces: Piece[] | undefined;
  kind: 'ins' | 'del';
  type: string | undefined;
}

/** One side of the comparison; unmarked when there is nothing to compare it with. */
function Side({ name, value, pieces, kind, type }: ISideProps): JSX.Element {
  const body = pieces ? <Marked pieces={pieces} kind={kind} /> : <code>{value}</code>;
  return <Row name={name} type={type} value={body} />;
}

function sidesOf(
  test: TestResult,
  both: Difference | null,
  trans: TranslationBundle
): ISideProps[] {
  const { expected, actual } = test;
  const types = both?.types;
  const sides: ISideProps[] = [];
  if (expected !== null) {
    const name = trans.__('expected');
    sides.push({
      name,
      value: expected,
      pieces: both?.expected,
      kind: 'ins',
      type: types?.expected
    });
  }
  if (actual !== null) {
    const name = trans.__('yours');
    sides.push({ name, value: actual, pieces: both?.actual, kind: 'del', type: types?.actual });
  }
  return sides;
}

/** Call, expected and the learner's value, with what differs marked; sample tests only have these. */
export function DifferenceView({ test }: { test: TestResult }): JSX.Element | null {
  const { trans } = useTools();
  const { call, expected, actual } = test;
  const both = useMemo(
    () => (expected !== null && actual !== null ? compare(expected, actual) : null),
    [expected, actual]
  );
  const sides = sidesOf(test, both, trans);
  if (!call && sides.length === 0) {
    return null;
  }
  return (
    <dl className="pm-diff">
      {call && <Row name={trans.__('call')} value={<code>{call}</code>} />}
      {sides.map(side => (
        <Side key={side.kind} {...side} />
      ))}
      {both?.types && test.difference.length === 0 && (
        <Row name={trans.__('note')} value={typeNote(trans, both.types)} />
      )}
    </dl>
  );
}

interface IRowProps {
  name: string;
  value: JSX.Element | string;
  type?: string;
}

function typeNote(trans: TranslationBundle, types: NonNullable<Difference['types']>): string {
  return trans.__(
    'The same value, but of another type: %1 is expected, yours is %2.',
    types.expected,
    types.actual
  );
}

function Row({ name, value, type }: IRowProps): JSX.Element {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {value}
        {type && <span className="pm-type">{type}</span>}
      </dd>
    </>
  );
}
