import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compare, typeOf } from '../lib/attempts/diff.js';

const marked = pieces => pieces.map(({ text, differs }) => (differs ? `[${text}]` : text)).join('');
const both = (expected, actual) => {
  const result = compare(expected, actual);
  return [marked(result.expected), marked(result.actual)];
};

test('equal values have nothing marked', () => {
  assert.deepEqual(both('[1, 2]', '[1, 2]'), ['[1, 2]', '[1, 2]']);
  assert.equal(compare('[1, 2]', '[1, 2]').types, null);
});

test('only the key that differs is marked', () => {
  assert.deepEqual(both("{'a': 1, 'b': 2}", "{'a': 1, 'c': 2}"), [
    "{'a': 1, ['b']: 2}",
    "{'a': 1, ['c']: 2}"
  ]);
});

test('an entry too many is marked on its side only', () => {
  assert.deepEqual(both('{}', "{'Kaya': 7}"), ['{}', "{['Kaya': 7]}"]);
});

test('letters are compared inside two strings', () => {
  assert.deepEqual(both("'Hello'", "'Hallo'"), ["'H[e]llo'", "'H[a]llo'"]);
});

test('white space that differs is made visible', () => {
  assert.deepEqual(both("'a b'", "'a b '"), ["'a b'", "'a b[·]'"]);
  assert.deepEqual(both("['a']", "['a ']"), ["[['a']]", "[['a·']]"]);
});

test('white space in other differences stays as it is', () => {
  assert.deepEqual(both("['Elm Cafe']", "['Ito Ltd']"), ["[['Elm Cafe']]", "[['Ito Ltd']]"]);
});

for (const [expected, actual, types] of [
  ['3', "'3'", ['int', 'str']],
  ['3', '3.0', ['int', 'float']],
  ['(1, 2)', '[1, 2]', ['tuple', 'list']],
  ["Decimal('7.00')", '7.0', ['Decimal', 'float']],
  ["{'a': Decimal('64.90')}", "{'a': 64.9}", ['Decimal', 'float']],
  ["['3']", '[3]', ['str', 'int']]
]) {
  test(`${expected} and ${actual} differ by type only`, () => {
    const found = compare(expected, actual).types;
    assert.deepEqual([found?.expected, found?.actual], types);
  });
}

test('other values of other types get no note about the type', () => {
  assert.equal(compare('3', "'4'").types, null);
  assert.equal(compare('28190', 'None').types, null);
});

test('types are read off the representation', () => {
  assert.deepEqual(
    ['{}', '{1}', "{'a': 1}", "b'x'", '-1', '1e5', 'True', 'None', '<object>'].map(typeOf),
    ['dict', 'set', 'dict', 'bytes', 'int', 'float', 'bool', 'None', null]
  );
});

test('very long values are compared without taking long', () => {
  const long = n => `[${Array.from({ length: 20000 }, (_, i) => i + n).join(', ')}]`;
  const result = compare(long(0), long(1));
  assert.ok(result.expected.some(piece => piece.differs));
});
