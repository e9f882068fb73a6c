import assert from 'node:assert/strict';
import { test } from 'node:test';

import { caretOf } from '../lib/attempts/caret.js';
import {
  adviceOf,
  costOf,
  errorOf,
  lacksName,
  messageOf,
  unlisted
} from '../lib/attempts/words.js';

const trans = {
  __: (text, ...values) => text.replace(/%(\d)/g, (_, n) => String(values[Number(n) - 1]))
};

test('the caret stands under the part that is meant', () => {
  assert.deepEqual(caretOf('price = rates["b"]', 9, 19), {
    under: '        ^^^^^^^^^^',
    part: 'rates["b"]'
  });
  assert.equal(caretOf('\tx = = 1', 6, 7).under, '\t    ^');
  assert.equal(caretOf('é = "\u{1f600}" 5', 5, 8).under, '    ^^^^');
  assert.equal(caretOf('x = (', 6, 7).under, '     ^');
  assert.equal(caretOf('x', null, null), null);
  assert.equal(caretOf('x', 9, 10), null);
});

const result = (more = {}) => ({
  key: 'one',
  status: 'error',
  visible: 'sample',
  message: null,
  call: null,
  expected: null,
  actual: null,
  time_ms: null,
  memory_bytes: null,
  ...more
});

test('an exception is told with the test in which it happened', () => {
  const error = { type: 'KeyError', test: 'two', traceback: 'x' };
  assert.equal(errorOf({ error }, result()), null);
  assert.equal(errorOf({ error }, result({ key: 'two' })), error);
  assert.equal(errorOf({ error: { ...error, test: null } }, result()).type, 'KeyError');
  assert.equal(errorOf({ error }, result({ key: 'two', status: 'failed' })), null);
});

test('a name that the tests miss is no line that went wrong', () => {
  assert.ok(lacksName({ type: 'NameError', test: 'one', traceback: '' }));
  assert.ok(!lacksName({ type: 'NameError', test: 'one', traceback: 'File "answer.py"' }));
});

test('what the values beside it say is not said twice', () => {
  const values = { call: 'f(1)', expected: '2', actual: '3' };
  const said = 'f(1) should be 2, but it is 3.';
  assert.equal(messageOf(result({ ...values, message: said })), null);
  assert.equal(messageOf(result({ ...values, message: 'Think of zero.' })), 'Think of zero.');
  assert.equal(messageOf(result({ message: said })), said);
});

test('time and memory are rough for a hidden test', () => {
  const used = { time_ms: 2.4, memory_bytes: 5 * 2 ** 20 };
  assert.equal(costOf(result(used)), '2 ms · 5 MB');
  assert.equal(costOf(result({ ...used, visible: 'hidden' })), '≤ 2 ms · ≤ 5 MB');
  assert.equal(costOf(result()), '');
});

test('whoever meets broken tests is not told to send the same again', () => {
  const attempt = { status: 'error', reason: 'bad_tests', message: 'They cannot be run.' };
  assert.equal(
    adviceOf(attempt, trans),
    'They cannot be run. Your code is safe; go on with another problem meanwhile.'
  );
});

test('tests without room in a verdict are told beside the others', () => {
  const message = '4 more tests are not listed here: 0 passed, 4 did not.';
  const tests = [result({ status: 'failed' })];
  const whole = { status: 'failed', reason: null, message, tests };
  assert.equal(unlisted(whole), message);
  assert.equal(unlisted({ ...whole, reason: 'memory' }), null);
});

test('endless printing is told as printing, though time ran out', () => {
  const attempt = { status: 'timeout', reason: 'output', message: 'It printed.' };
  assert.match(adviceOf(attempt, trans), /^It printed\. Take out the print calls/);
});
