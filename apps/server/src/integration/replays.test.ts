import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

let server: TestServer;
let operator: Awaited<ReturnType<TestServer['as']>>;

beforeAll(async () => {
  server = await openTestServer();
  operator = await server.as('u-operator-1', 'operator');
});
afterAll(() => server.close());

/** Keeps a letter, and replays it. */
async function replay(letter: object) {
  const { insertedId } = await server.mongo.collection('dead_letter_event').insertOne({
    created_at: new Date(),
    reason: { code: 'event.invalid', message: 'as it was told' },
    attempts: 1,
    state: 'open',
    replayable: true,
    ...letter,
  });
  const answer = await operator('POST', `/dead-letters/${insertedId}/replay`);
  return { id: insertedId, body: answer.body };
}

it('stores an event that was refused, under the id of its letter', async () => {
  const payload = { event_type: 'page:viewed', received_at: new Date(2), occurred_at: new Date(1) };
  const { id, body } = await replay({ origin: 'ingest', target: 'user_activity_event', payload });
  expect(body).toMatchObject({
    outcome: 'replayed',
    dead_letter: { state: 'replayed', resolution: { resolved_by: 'u-operator-1' } },
  });
  expect(await server.mongodbDocuments('user_activity_event', { _id: id })).toHaveLength(1);
});

it('says why an event is refused again', async () => {
  const { body } = await replay({
    origin: 'ingest',
    target: 'user_activity_event',
    payload: { event_type: 7.5 },
  });
  expect(body).toMatchObject({
    outcome: 'refused',
    dead_letter: {
      state: 'open',
      attempts: 2,
      reason: { code: 'event.invalid', message: expect.stringContaining('received_at') },
    },
  });
});

it('begins a failed delivery again', async () => {
  const delivery = { notification_id: 'n-1', recipient_id: 'u-manager-1', channel: 'email', state: 'failed' };
  const { insertedId } = await server.mongo.collection('notification_delivery').insertOne(delivery);
  const { body } = await replay({
    origin: 'notification',
    target: 'sender:smtp',
    payload: { delivery_ids: [String(insertedId)] },
    source_position: String(insertedId),
  });
  expect(body).toMatchObject({ outcome: 'replayed', dead_letter: { state: 'replayed' } });
});

it('says when a delivery is gone, and when nothing replays an origin', async () => {
  const payload = { delivery_ids: ['f'.repeat(24)] };
  const gone = await replay({ origin: 'notification', target: 'sender:smtp', payload });
  expect(gone.body).toMatchObject({ status: 404, code: 'delivery.unknown' });
  const webhook = await replay({ origin: 'webhook', target: 'endpoint-1' });
  expect(webhook.body).toMatchObject({ status: 409, code: 'dead-letter.no-replay' });
});
