import assert from 'node:assert/strict';
import { test } from 'node:test';

import { causeOf, endedEarly, spoken, titleOf } from '../lib/attempts/words.js';
import { escapeRawHtml } from '../lib/common/rawHtml.js';
import { matches } from '../lib/course/search.js';
import { clock } from '../lib/hints/clock.js';

const trans = {
  __: (text, ...values) => text.replace(/%(\d)/g, (_, n) => String(values[Number(n) - 1]))
};
const result = (name, visible, status) => ({ key: name, name, visible, status });
const attempt = (more = {}) => ({
  kind: 'submit',
  status: 'passed',
  reason: null,
  message: null,
  points: 3,
  max_points: 3,
  error: null,
  tests: [result('One', 'sample', 'passed'), result('Two', 'sample', 'passed')],
  ...more
});

test('a passed check never says that all tests passed', () => {
  const words = spoken(attempt({ kind: 'check' }), trans);
  assert.equal(words, 'Sample tests 2/2: now submit to run the hidden ones.');
});

test('a verdict is told with its points and its first failure', () => {
  const tests = [result('One', 'sample', 'passed'), result('Two', 'hidden', 'failed')];
  const partly = attempt({ status: 'partial', points: 1, tests });
  assert.equal(spoken(partly, trans), 'Partly right. 1 of 3 points. First failure: Two.');
});

test('our own faults are told as ours', () => {
  const ours = attempt({ status: 'error', reason: 'internal', tests: [], points: null });
  assert.equal(titleOf(ours, trans), 'Our fault, not yours');
  assert.ok(endedEarly(ours));
});

test('an exception in one test is a failure of that test', () => {
  const tests = [result('One', 'sample', 'error')];
  assert.ok(!endedEarly(attempt({ status: 'failed', tests })));
  assert.ok(endedEarly(attempt({ status: 'failed', reason: 'memory', tests })));
});

test('a failed test is told with its plain cause', () => {
  const stopped = { ...result('One', 'sample', 'error'), expected: null, actual: null };
  const nothing = { ...stopped, status: 'failed', expected: '3', actual: 'None', stdout: null };
  const cause = (more, one, lacking = []) => causeOf(attempt(more), one, lacking, trans);
  assert.match(cause({}, stopped, ['add']), /call add, but the answer cell does not define it/);
  assert.equal(cause({}, stopped), null);
  assert.match(cause({}, { ...nothing, stdout: '3' }), /Use return in place of print/);
  assert.match(cause({}, nothing), /gave back None/);
  assert.equal(cause({}, { ...nothing, expected: 'None' }), null);
  assert.equal(cause({}, { ...nothing, actual: '4' }), null);
});

test('tags in an answer become text, code stays code', () => {
  assert.equal(escapeRawHtml('a <img src=x> b'), 'a &lt;img src=x> b');
  assert.equal(escapeRawHtml('`<b>` and 1 < 2'), '`<b>` and 1 < 2');
  assert.equal(escapeRawHtml('```html\n<b>\n```\n<b>'), '```html\n<b>\n```\n&lt;b>');
});

test('a search needs every word, in any order and case', () => {
  const section = { name: 'Dates and money' };
  const problem = { title: 'Who owes us?', domain: 'finance' };
  assert.ok(matches(problem, section, 'MONEY owes'));
  assert.ok(!matches(problem, section, 'money chess'));
});

test('a countdown is told in minutes and seconds', () => {
  assert.deepEqual([clock(5), clock(245)], ['0:05', '4:05']);
});
