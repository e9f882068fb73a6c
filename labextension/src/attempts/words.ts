import type { TranslationBundle } from '@jupyterlab/translation';

import type { Attempt, AttemptSummary, ErrorDetail, TestResult } from '../api/shapes';
import type { Phase } from '../status/model';

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
  if (attempt.reason === 'bad_tests') {
    return [attempt.message, trans.__('Your code is safe; go on with another problem meanwhile.')]
      .filter(Boolean)
      .join(' ');
  }
  if (isOurFault(attempt)) {
    return trans.__('This attempt does not count. Your code is safe; send it again in a moment.');
  }
  const advice = ownAdvice(attempt, trans);
  return [attempt.message, advice].filter(Boolean).join(' ') || null;
}

function ownAdvice(attempt: Attempt, trans: TranslationBundle): string | null {
  if (attempt.reason === 'output') {
    return trans.__('Take out the print calls in your loops and send it again.');
  }
  if (attempt.status === 'timeout' || attempt.reason === 'timeout') {
    return trans.__('Look for a loop that never ends, or for work that is done again and again.');
  }
  switch (attempt.reason) {
    case 'memory':
      return trans.__('Look for a list or a text that keeps growing.');
    case 'crash':
      return trans.__('Look for a function that calls itself without an end.');
    default:
      return null;
  }
}

/** How many tests a verdict of limited size has no room for; all others have said what they can. */
export function unlisted(attempt: Attempt): string | null {
  return endedEarly(attempt) ? null : attempt.message;
}

/** The tests need a name that the code does not define; no line of the code went wrong. */
export function lacksName(error: ErrorDetail): boolean {
  return error.type === 'NameError' && error.test !== null && !error.traceback;
}

/** The exception that stopped this test; of several, only the first is told in full. */
export function errorOf(attempt: Attempt, test: TestResult): ErrorDetail | null {
  const { error } = attempt;
  return test.status === 'error' && (error?.test ?? test.key) === test.key ? error : null;
}

/** What was said about the test, unless the values beside it say the same. */
export function messageOf(test: TestResult): string | null {
  const { call, expected, actual, message } = test;
  const values = `${call ?? 'The result'} should be ${expected}, but it is ${actual}.`;
  return expected !== null && message === values ? null : message;
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

/** Milliseconds and bytes of a test that are worth a look. */
const MUCH_TIME = 100;
const MUCH_MEMORY = 16 * 2 ** 20;

/** Whether the time or the memory of a test is told at first sight. */
export function costly(test: TestResult): boolean {
  return (test.time_ms ?? 0) >= MUCH_TIME || (test.memory_bytes ?? 0) >= MUCH_MEMORY;
}

/** Time and memory of one test, for those who want to know. */
export function costOf(test: TestResult): string {
  const rough = test.visible === 'hidden' ? '≤ ' : '';
  const memory = test.memory_bytes;
  return [
    ...(test.time_ms !== null && test.time_ms > 0 ? [rough + milliseconds(test.time_ms)] : []),
    ...(memory !== null && memory > 0 ? [rough + megabytes(memory)] : [])
  ].join(' · ');
}

function megabytes(value: number): string {
  return `${Math.max(1, Math.round(value / 2 ** 20))} MB`;
}

export function milliseconds(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${Math.max(1, Math.round(value))} ms`;
}

/** Why a press was not sent, and what becomes of it. */
export function unsent(phase: Phase, trans: TranslationBundle): string {
  switch (phase) {
    case 'signed-out':
      return trans.__('Not sent yet: you are signed out. It will be sent when you are back.');
    case 'stopped':
      return trans.__('Not sent yet: your server was stopped. It will be sent when it runs again.');
    default:
      return trans.__('Not sent yet: the server is away. It will be sent by itself.');
  }
}
