import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { load } from './models.mjs';

const { Refusal, Unreachable, isAway, isSignedOut } = await load('api/errors');
const { Outbox } = await load('attempts/outbox');
const { ServiceModel } = await load('status/model');

const ADDRESS = 'http://hub.localhost/user/ada/';
const DAY = 24 * 3600 * 1000;
const press = (more = {}) => ({
  slug: 'double',
  key: 'key-1',
  kind: 'submit',
  code: 'x = "é"\n',
  ...more
});

/** A browser's storage. */
class Storage {
  getItem(name) {
    return name in this ? this[name] : null;
  }
  setItem(name, value) {
    this[name] = String(value);
  }
  removeItem(name) {
    delete this[name];
  }
}

beforeEach(() => {
  globalThis.window = { localStorage: new Storage() };
});
afterEach(() => {
  delete globalThis.window;
  // Whatever still waits to be sent would keep Node from ending.
  pages.splice(0).forEach(end => end());
});

const pages = [];

/** A page whose requests get these answers in turn, the last one for ever; an error is thrown. */
function page(answers, learner = 'ada') {
  const sent = [];
  const status = { ready: true, grader: { state: 'ready' }, learner: { username: learner } };
  const client = {
    settings: { baseUrl: ADDRESS },
    status: async () => status,
    send: async (slug, attempt) => {
      sent.push({ slug, ...attempt });
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) {
        throw answer;
      }
      return answer;
    }
  };
  const service = new ServiceModel(client);
  const outbox = new Outbox(client, service);
  const states = [];
  pages.push(() => {
    answers.splice(0, answers.length, { id: 'end' });
    service._arrived.emit();
  });
  outbox.delivered.connect((_, delivery) => states.push(delivery.state));
  return { outbox, sent, service, states, ready: () => service._ask({ reset: () => {} }) };
}

const until = async found => {
  for (let turn = 0; turn < 500 && !found(); turn++) {
    await delay(2);
  }
  assert.ok(found());
};
const refusal = (status, code = 'unknown', wait = null) =>
  new Refusal(status, code, 'A sentence.', wait, null);

test('a press that arrives is forgotten', async () => {
  const { outbox, sent, states } = page([{ id: 'a1' }]);
  await outbox.send(press());
  assert.deepEqual(states, ['sending', 'sent']);
  assert.deepEqual(sent, [press()]);
  assert.equal(Object.keys(globalThis.window.localStorage).length, 0);
});

for (const [what, error] of [
  ['the network is away', new Unreachable('no')],
  ['the relay says that the service is away', refusal(503, 'authority_away')],
  ['the proxy has lost its routes', refusal(404)],
  ['the hub has stopped the server', refusal(424)],
  ['the learner is signed out', refusal(401, 'not_signed_in')],
  ['Jupyter does not know the cookie', refusal(403)]
]) {
  test(`a press is kept over a reload when ${what}`, async () => {
    const before = page([error]);
    await before.ready();
    void before.outbox.send(press());
    await until(() => before.states.includes('unsent'));
    const after = page([{ id: 'a1' }]);
    assert.equal(after.outbox.waiting('double').key, 'key-1');
    assert.equal(after.outbox.waiting('another'), null);
    await after.ready();
    after.outbox.restore();
    await until(() => after.states.includes('sent'));
    assert.deepEqual(after.sent, [press()]);
    assert.equal(after.outbox.waiting('double'), null);
  });
}

test('a refusal ends it, with its sentence', async () => {
  const { outbox, states } = page([refusal(403, 'problem_locked')]);
  await outbox.send(press());
  assert.deepEqual(states, ['sending', 'refused']);
  assert.equal(outbox.waiting('double'), null);
});

for (const [why, refused] of [
  ['there is too much', refusal(429, 'too_many_waiting', 0.001)],
  ['the course is paused', refusal(409, 'submitting_paused', 0.001)]
]) {
  test(`a press of an earlier page waits while ${why}, a new one is told`, async () => {
    const fresh = page([refused]);
    await fresh.outbox.send(press());
    assert.deepEqual(fresh.states, ['sending', 'refused']);
    const away = page([new Unreachable('no')]);
    void away.outbox.send(press());
    await until(() => away.states.includes('unsent'));
    const later = page([refused, { id: 'a1' }]);
    later.outbox.restore();
    await until(() => later.states.includes('unsent'));
    await later.ready();
    await until(() => later.states.includes('sent'));
    assert.equal(later.sent.length, 2);
  });
}

test('what another person pressed at this browser is not sent', async () => {
  const ada = page([new Unreachable('no')]);
  await ada.ready();
  void ada.outbox.send(press());
  await until(() => ada.states.includes('unsent'));
  const eve = page([{ id: 'a1' }], 'eve');
  await eve.ready();
  eve.outbox.restore();
  assert.equal(eve.outbox.waiting('double'), null);
  assert.deepEqual(eve.sent, []);
  const again = page([{ id: 'a1' }]);
  await again.ready();
  again.outbox.restore();
  await until(() => again.states.includes('sent'));
});

test('what is kept is bounded, and what is too old is forgotten', async () => {
  const { outbox } = page([new Unreachable('no')]);
  for (let n = 0; n < 25; n++) {
    void outbox.send(press({ key: `key-${n}`, slug: `problem-${n}` }));
  }
  assert.equal(Object.keys(globalThis.window.localStorage).length, 20);
  assert.equal(outbox.waiting('problem-0'), null);
  assert.equal(outbox.waiting('problem-24').key, 'key-24');
  const [name] = Object.keys(globalThis.window.localStorage);
  const old = { ...JSON.parse(globalThis.window.localStorage[name]), at: Date.now() - 30 * DAY };
  globalThis.window.localStorage[name] = JSON.stringify(old);
  globalThis.window.localStorage[`${name}-broken`] = '{';
  assert.equal(page([]).outbox.waiting(old.slug), null);
  assert.ok(!(name in globalThis.window.localStorage));
});

test('a browser without storage still sends', async () => {
  globalThis.window = {
    get localStorage() {
      throw new Error('forbidden');
    }
  };
  const { outbox, states } = page([{ id: 'a1' }]);
  await outbox.send(press());
  assert.deepEqual(states, ['sending', 'sent']);
});

test('our own refusals are neither away nor signed out', () => {
  for (const error of [
    refusal(404, 'unknown_problem'),
    refusal(403, 'not_allowed'),
    refusal(500)
  ]) {
    assert.equal(isAway(error), false);
    assert.equal(isSignedOut(error), false);
  }
});

test('whoever is signed out is told so until they are back', async () => {
  const { service } = page([]);
  service._client.status = async () => {
    throw refusal(401, 'not_signed_in');
  };
  await service._ask({ reset: () => {} });
  assert.equal(service.phase, 'signed-out');
  let arrived = 0;
  service.arrived.connect(() => arrived++);
  service._client.status = async () => ({ ready: true, grader: { state: 'ready' } });
  await service._ask({ reset: () => {} });
  assert.deepEqual([service.phase, arrived], ['ready', 1]);
});
