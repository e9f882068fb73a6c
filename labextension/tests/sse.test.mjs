import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EventStreamParser, readEvents } from '../lib/api/sse.js';

const all = (...parts) => {
  const parser = new EventStreamParser();
  return parts.flatMap(part => parser.push(part));
};

test('an event has a name, data and an id', () => {
  assert.deepEqual(all('event: attempt.graded\nid: 7\ndata: {"a": 1}\n\n'), [
    { event: 'attempt.graded', data: '{"a": 1}', id: '7' }
  ]);
});

test('the stream may be cut anywhere', () => {
  const text = 'event: a\r\ndata: one\r\ndata: two\r\n\r\ndata: three\n\n';
  const whole = all(text);
  assert.deepEqual(
    whole.map(event => [event.event, event.data]),
    [
      ['a', 'one\ntwo'],
      ['message', 'three']
    ]
  );
  for (let cut = 1; cut < text.length; cut++) {
    assert.deepEqual(all(text.slice(0, cut), text.slice(cut)), whole);
  }
});

test('comments and heartbeats are no events', () => {
  assert.deepEqual(all(': heartbeat\n\n', 'event: only-a-name\n\n'), []);
});

test('an event that was not finished is not told', () => {
  assert.deepEqual(all('data: half\n'), []);
});

test('a response is read with letters that are cut in two', async () => {
  const bytes = new TextEncoder().encode('data: é\n\n');
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.slice(0, 7));
      controller.enqueue(bytes.slice(7));
      controller.close();
    }
  });
  const events = [];
  for await (const event of readEvents(new Response(body))) {
    events.push(event.data);
  }
  assert.deepEqual(events, ['é']);
});
