import assert from 'node:assert/strict';
import { test } from 'node:test';

import { defines, findAnswer, problemOf, roleOf } from '../lib/notebook/answer.js';

const cell = (source, mark, type = 'code') => ({
  type,
  source,
  metadata: mark ? { pythonmastery: mark } : {}
});
const given = cell('from datetime import date', { role: 'given' });
const answer = cell('def late(day):\n    return day', { role: 'answer', key: 'answer' });

test('the answer cell is found among the others', () => {
  assert.deepEqual(findAnswer([given, answer], ['late']), { state: 'found', index: 1 });
});

test('the answer cell is found by its role when it has no key', () => {
  const cells = [given, cell('def late(): ...', { role: 'answer' })];
  assert.equal(findAnswer(cells, ['late']).state, 'found');
});

test('a deleted answer cell is told', () => {
  assert.deepEqual(findAnswer([given], ['late']), { state: 'missing' });
});

test('a copied answer cell is told with the places of both', () => {
  assert.deepEqual(findAnswer([answer, given, answer], ['late']), {
    state: 'copied',
    indexes: [0, 2]
  });
});

test('a solution that was moved into another cell is told by its name', () => {
  const cells = [given, cell('# moved', { key: 'answer' }), cell('def late(day):\n    return 1')];
  assert.deepEqual(findAnswer(cells, ['late']), {
    state: 'split',
    index: 1,
    names: ['late'],
    elsewhere: 2
  });
});

test('helpers in extra cells do not matter while the answer cell has the names', () => {
  assert.equal(findAnswer([answer, cell('def helper(): ...')], ['late']).state, 'found');
});

test('a name that is nowhere is for the grader to tell', () => {
  assert.equal(findAnswer([answer], ['other']).state, 'found');
});

test('a Markdown cell that says it is the answer does not count', () => {
  assert.equal(findAnswer([cell('text', { key: 'answer' }, 'markdown')], []).state, 'missing');
});

for (const [source, found] of [
  ['def f(x): ...', true],
  ['async def f(x): ...', true],
  ['class f: ...', true],
  ['f = 1', true],
  ['f: int = 1', true],
  ['a, f = 1, 2', true],
  ['from m import f', true],
  ['f == 1', false],
  ['    def f(x): ...', false],
  ['def find(x): ...', false]
]) {
  test(`${JSON.stringify(source)} ${found ? 'binds' : 'does not bind'} f`, () => {
    assert.equal(defines(source, 'f'), found);
  });
}

test('only problem notebooks are ours', () => {
  assert.equal(problemOf({ kernelspec: {} }), null);
  assert.equal(problemOf(undefined), null);
  assert.equal(problemOf({ pythonmastery: { kind: 'problem', slug: 'a' } }), null);
  const mark = { kind: 'problem-student', slug: 'a', version: '1.0.0' };
  assert.deepEqual(problemOf({ pythonmastery: mark }), { slug: 'a', version: '1.0.0' });
});

test("the learner's own cells have no role", () => {
  assert.equal(roleOf({}), null);
  assert.equal(roleOf({ pythonmastery: 'odd' }), null);
});
