import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import { load } from './models.mjs';

const { Refusal } = await load('api/errors');
const { TutorModel } = await load('tutor/model');

const ADDRESS = 'http://hub.localhost/user/ada/';

beforeEach(() => {
  const kept = new Map();
  globalThis.window = {
    sessionStorage: {
      getItem: name => kept.get(name) ?? null,
      setItem: (name, value) => kept.set(name, value),
      removeItem: name => kept.delete(name)
    }
  };
});
afterEach(() => {
  delete globalThis.window;
});

/** The conversation of a page; `ask` answers each question. */
function page(ask) {
  const noted = [];
  const service = { note: error => noted.push(error), look: () => undefined };
  const client = { settings: { baseUrl: ADDRESS }, ask };
  return { model: new TutorModel('double', client, service), noted };
}

const stream = (...events) =>
  new Response(events.map(([name, data]) => `event: ${name}\ndata: ${data}\n\n`).join(''));

test('a question that was not taken is there again after signing in and a reload', async () => {
  const expired = new Refusal(401, 'not_signed_in', 'Sign in again.', null, null);
  const { model, noted } = page(async () => {
    throw expired;
  });
  model.write('Why is it 7?');
  await model.ask('question', 'Why is it 7?', null);
  assert.deepEqual([model.draft, model.error], ['Why is it 7?', 'Sign in again.']);
  assert.deepEqual(noted, [expired]);
  assert.equal(page().model.draft, 'Why is it 7?');
});

test('a page that dies while it asks has not lost the question', () => {
  const { model } = page(() => new Promise(() => undefined));
  model.write('Why?');
  void model.ask('question', 'Why?', null);
  assert.equal(model.draft, '');
  assert.equal(page().model.draft, 'Why?');
});

test('a question that the service has is not asked again', async () => {
  const message = { id: 'm1', state: 'streaming', ai_response: '', user_message: 'Why?' };
  const { model } = page(async () => stream(['start', JSON.stringify(message)]));
  model.write('Why?');
  await model.ask('question', 'Why?', null);
  assert.equal(model.messages[0].state, 'cut');
  assert.equal(model.draft, '');
  assert.equal(page().model.draft, '');
});

test('what was typed while the last question failed is kept', async () => {
  const { model } = page(async () => {
    model.write('Another one');
    throw new Refusal(503, 'authority_away', 'Away.', null, null);
  });
  await model.ask('question', 'The first', null);
  assert.equal(model.draft, 'Another one');
});
