import assert from 'node:assert/strict';
import { test } from 'node:test';

import { load } from './models.mjs';

const { Refusal } = await load('api/errors');
const { ProfileModel, changes } = await load('profile/model');
const { streakWords, wordsOf } = await load('notices/words');

const PROFILE = {
  bio: 'one',
  learning_goals: null,
  difficulty_preference: 'balanced',
  leaderboard_opt_in: false,
  leaderboard_name: 'username',
  notification_settings: { verdicts: true, achievements: true, streaks: true },
  updated_at: 'then'
};
const service = { note: () => false };
const model = calls => new ProfileModel({ profile: async () => PROFILE, ...calls }, service);
const trans = {
  __: (text, ...given) => given.reduce((said, one, n) => said.replace(`%${n + 1}`, one), text),
  _n: (one, many, n) => (n === 1 ? one : many).replace('%1', n)
};
const wanting = kinds => ({ wants: kind => kinds.includes(kind) });
const course = { current: 'double', problem: slug => ({ title: slug.toUpperCase() }) };

test('only what is other is sent, setting by setting', () => {
  const settings = { ...PROFILE.notification_settings, streaks: false };
  const draft = { ...PROFILE, bio: 'two', notification_settings: settings };
  assert.deepEqual(changes(PROFILE, draft), {
    bio: 'two',
    notification_settings: { streaks: false }
  });
});

test('what the service refuses stands beside its field', async () => {
  const page = model({
    changeProfile: async () => {
      const fields = [{ field: 'bio', message: 'is too long' }];
      throw new Refusal(422, 'invalid_fields', 'Some fields are wrong.', null, null, fields);
    }
  });
  await page.load();
  assert.equal(await page.save(PROFILE, { ...PROFILE, bio: 'x' }), false);
  assert.deepEqual(
    [page.problem('bio'), page.problem('learning_goals'), page.error],
    ['is too long', null, 'Some fields are wrong.']
  );
});

test('a change in another window is told, and the next press is about the newer profile', async () => {
  const sent = [];
  let now = PROFILE;
  const page = model({
    profile: async () => now,
    changeProfile: async (change, seen) => {
      sent.push([change, seen]);
      if (seen !== now.updated_at) {
        throw new Refusal(409, 'profile_changed', 'Changed elsewhere.', null, null);
      }
      return { ...now, ...change };
    }
  });
  await page.load();
  now = { ...PROFILE, learning_goals: 'elsewhere', updated_at: 'later' };
  const draft = { ...PROFILE, bio: 'two' };
  assert.equal(await page.save(PROFILE, draft), false);
  assert.equal(page.error, 'Changed elsewhere.');
  assert.equal(await page.save(PROFILE, draft), true);
  assert.deepEqual(sent, [
    [{ bio: 'two' }, 'then'],
    [{ bio: 'two' }, 'later']
  ]);
  assert.equal(page.profile.learning_goals, 'elsewhere');
});

test('nothing is told unasked before it is known whether it is wanted', async () => {
  const page = model({});
  assert.equal(page.wants('verdicts'), false);
  await page.load();
  assert.equal(page.wants('verdicts'), true);
});

test('a verdict is told on another page only, and only to who wants it', () => {
  const graded = (problem, status) => ({ event: 'attempt.graded', data: { problem, status } });
  const told = (notice, kinds) => wordsOf(notice, wanting(kinds), course, trans);
  assert.match(told(graded('triple', 'passed'), ['verdicts']), /“TRIPLE”.*all tests passed/);
  assert.match(told(graded('triple', 'failed'), ['verdicts']), /not all tests passed/);
  assert.equal(told(graded('double', 'passed'), ['verdicts']), null);
  assert.equal(told(graded('triple', 'passed'), ['achievements', 'streaks']), null);
});

test('an achievement is told to who wants it', () => {
  const notice = {
    event: 'achievement.earned',
    data: { title: 'First light', description: 'Solve a problem.' }
  };
  const told = kinds => wordsOf(notice, wanting(kinds), course, trans);
  assert.equal(told(['achievements']), 'First light: Solve a problem.');
  assert.equal(told(['verdicts', 'streaks']), null);
});

test('a streak is told of while today is missing in it, to who wants it', () => {
  const told = (days, done, kinds) =>
    streakWords({ streak_days: days, active_today: done }, wanting(kinds), trans);
  assert.match(told(5, false, ['streaks']), /streak of 5 days/);
  assert.equal(told(5, true, ['streaks']), null);
  assert.equal(told(null, false, ['streaks']), null);
  assert.equal(told(5, false, ['verdicts']), null);
});
