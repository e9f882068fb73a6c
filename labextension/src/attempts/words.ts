import type { TranslationBundle } from '@jupyterlab/translation';

import type { Attempt, AttemptSummary, TestResult } from '../api/shapes';

export interface Tally {
  visible: { passed: number; total: number };
  hidden: { passed: number; total: number };
}

export function tally(tests: readonly TestResult[]): Tally {
  const count = (visible: TestResult['visible']) => {
    const those = tests.filter(test => test.visible === visible);
    return { passed: those.filter(test => test.status === 'passed').length, total: those.length };
  };
  return { visible: count('sample'), hidden: count('hidden') };
}

export function firstFailure(attempt: Attempt): TestResult | null {
  return attempt.tests.find(test => test.status !== 'passed' && test.status !== 'not_run') ?? null;
}

export function isOurFault(attempt: AttemptSummary): boolean {
  return attempt.reason === 'internal' || attempt.reason === 'bad_tests';
}

/** All sample tests passed in a check; hidden ones have not been run. */
function checkPassed(attempt: Attempt, trans: TranslationBundle): string {
  const { passed, total } = tally(attempt.tests).visible;
  return trans.__('Sample tests %1/%2: now submit to run the hidden ones.', passed, total);
}

/** The run ended as a whole, or before any test could say something. */
export function endedEarly(attempt: Attempt): boolean {
  const whole = attempt.reason !== null && attempt.reason !== 'exception';
  return whole || attempt.status === 'timeout' || firstFailure(attempt) === null;
}

/** The headline of a verdict. */
export function titleOf(attempt: Attempt, trans: TranslationBundle): string {
  const kind = attempt.error?.type;
  switch (attempt.reason) {
    case 'syntax_error':
      return trans.__('Python cannot read this code');
    case 'exception':
      return kind ? trans.__('Your code stopped with %1', kind) : trans.__('Your code stopped');
    case 'crash':
      return trans.__('Your code crashed Python');
    case 'memory':
      return trans.__('Your code needs too much memory');
    case 'refused_import':
      return trans.__('This import is not available here');
    case 'output':
      return trans.__('Your code prints too much');
    case 'internal':
    case 'bad_tests':
      return trans.__('Our fault, not yours');
    default:
      return statusTitle(attempt, trans);
  }
}

function statusTitle(attempt: Attempt, trans: TranslationBundle): string {
  if (attempt.status === 'timeout' || attempt.reason === 'timeout') {
    return trans.__('Your code ran out of time');
  }
  if (attempt.kind === 'check') {
    return attempt.status === 'passed'
      ? checkPassed(attempt, trans)
      : trans.__('Not all sample tests pass yet');
  }
  switch (attempt.status) {
    case 'passed':
      return trans.__('Solved');
    case 'partial':
      return trans.__('Partly right');
    case 'error':
      return trans.__('Your code could not be run');
    default:
      return trans.__('Not right yet');
  }
}

/** The service's sentence, and what to do next. */
export function adviceOf(attempt: Attempt, trans: TranslationBundle): string | null {
  if (isOurFault(attempt)) {
    return trans.__('This attempt does not count. Your code is safe; send it again in a moment.');
  }
  const advice = ownAdvice(attempt, trans);
  return [attempt.message, advice].filter(Boolean).join(' ') || null;
}

function ownAdvice(attempt: Attempt, trans: TranslationBundle): string | null {
  if (attempt.status === 'timeout' || attempt.reason === 'timeout') {
    return trans.__('Look for a loop that never ends, or for work that is done again and again.');
  }
  switch (attempt.reason) {
    case 'memory':
      return trans.__('Look for a list or a text that keeps growing.');
    case 'crash':
      return trans.__('Look for a function that calls itself without an end.');
    case 'output':
      return trans.__('Take out the print calls in your loops and send it again.');
    default:
      return null;
  }
}

/**
 * What probably lies behind a failed test, in a sentence; null when that is not plain to see.
 *
 * `lacking` are the names that the tests need and the code does not bind.
 */
export function causeOf(
  attempt: Attempt,
  test: TestResult,
  lacking: readonly string[],
  trans: TranslationBundle
): string | null {
  if (test.status === 'error' && attempt.error?.type === 'EOFError') {
    return trans.__(
      'Nobody is there to type while the tests run, so input() stops your code. The tests hand the values in through the names in the brackets.'
    );
  }
  if (test.status === 'error' && !attempt.error) {
    return lacking.length === 0
      ? null
      : trans.__(
          'The tests call %1, but the answer cell does not define it. Look at the spelling after def.',
          lacking.join(', ')
        );
  }
  if (test.actual === 'None' && test.expected !== null && test.expected !== 'None') {
    return test.stdout
      ? trans.__('Your code printed something but gave back None. Use return in place of print.')
      : trans.__('Your code gave back None. Does it reach a return with a value?');
  }
  return null;
}

/** What a screen reader is told when a verdict arrives. */
export function spoken(attempt: Attempt, trans: TranslationBundle): string {
  const parts = [titleOf(attempt, trans)];
  if (attempt.kind === 'submit' && attempt.points !== null && attempt.tests.length > 0) {
    parts.push(trans.__('%1 of %2 points.', attempt.points, attempt.max_points));
  }
  const failure = firstFailure(attempt);
  if (failure && !endedEarly(attempt)) {
    parts.push(trans.__('First failure: %1.', failure.name));
  }
  return parts.join(attempt.kind === 'check' && !failure ? ' ' : '. ').replace(/\.\. /g, '. ');
}

export function stateWord(attempt: AttemptSummary, trans: TranslationBundle): string {
  const words: Record<AttemptSummary['status'], string> = {
    waiting: trans.__('waiting'),
    passed: trans.__('passed'),
    partial: trans.__('partly right'),
    failed: trans.__('failed'),
    timeout: trans.__('out of time'),
    error: isOurFault(attempt) ? trans.__('not counted') : trans.__('stopped')
  };
  return words[attempt.status];
}

export function milliseconds(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${Math.max(1, Math.round(value))} ms`;
}
