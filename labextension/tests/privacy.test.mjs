import assert from 'node:assert/strict';
import { test } from 'node:test';

import { load } from './models.mjs';

const { Refusal } = await load('api/errors');
const { PrivacyModel } = await load('privacy/model');

const copy = (state, link = null) => ({ state, link, requested_at: 'then', expires_at: 'later' });

/** The page of somebody; `calls` are the answers of the service. */
function page(calls) {
  const saved = [];
  const service = { note: () => false, status: { learner: { username: 'ada' } } };
  const client = { erasure: async () => ({ erasure: null }), ...calls };
  return {
    model: new PrivacyModel(client, service, (data, name) => saved.push([data, name])),
    saved
  };
}

test('a copy is asked for, waited for and saved, and its link is used once', async t => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const states = [copy('waiting'), copy('ready'), copy('fetched')];
  const { model, saved } = page({
    requestExport: async () => copy('waiting', 'me/export/secret'),
    export: async () => ({ export: states.shift() }),
    fetchExport: async link => `the zip of ${link}`
  });
  const done = model.download();
  assert.deepEqual([model.busy, model.error], [true, null]);
  while (model.busy) {
    t.mock.timers.tick(2000);
    await null;
  }
  await done;
  assert.deepEqual(saved, [['the zip of me/export/secret', 'pythonmastery-data.zip']]);
  assert.deepEqual([model.copy.state, model.hasLink], ['fetched', false]);
});

test('a copy that broke off on its way can be saved again with the same link', async () => {
  let broken = true;
  const { model, saved } = page({
    requestExport: async () => copy('ready', 'me/export/secret'),
    export: async () => ({ export: copy('fetched') }),
    fetchExport: async () => {
      if (broken) {
        throw new Refusal(503, 'authority_away', 'Away.', null, null);
      }
      return 'the zip';
    }
  });
  await model.download();
  assert.deepEqual([model.error, model.hasLink, saved], ['Away.', true, []]);
  broken = false;
  await model.again();
  assert.deepEqual([model.error, model.hasLink, saved.length], [null, false, 1]);
});

test('a copy that was asked for elsewhere is told of and not fetched', async () => {
  const { model, saved } = page({ export: async () => ({ export: copy('ready') }) });
  await model.load();
  assert.deepEqual([model.copy.state, model.hasLink, saved], ['ready', false, []]);
});

test('an account is erased by its name, and kept again', async () => {
  const told = [];
  const { model } = page({
    export: async () => ({ export: null }),
    requestErasure: async name => {
      told.push(name);
      return { state: 'cooling', due_at: 'next week' };
    },
    cancelErasure: async () => ({ state: 'cancelled', due_at: 'next week' })
  });
  await model.load();
  assert.equal(model.username, 'ada');
  await model.erase('ada');
  assert.deepEqual([told, model.erasure.state], [['ada'], 'cooling']);
  await model.keep();
  assert.equal(model.erasure.state, 'cancelled');
});
