import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openCommandBench, type CommandBench } from '../testing/open-command-bench.js';

let bench: CommandBench;

const run = (...words: string[]) => bench.run('events', 'replay', ...words);
const letters = () => bench.mongo.connection.collection('dead_letter_event');
const events = () => bench.mongo.connection.collection('user_activity_event');

async function keepLetter(target: string, payload: object, more: object = {}): Promise<void> {
  await letters().insertOne({
    created_at: new Date(1_000 + (await letters().countDocuments())),
    origin: 'ingest',
    target,
    reason: { code: 'event.invalid', message: 'as it was told' },
    payload,
    attempts: 1,
    state: 'open',
    replayable: true,
    user_id: 'u-1',
    ...more,
  });
}
const outcomes = (printed: string) =>
  (JSON.parse(printed) as { outcome: string }[]).map(({ outcome }) => outcome);

beforeAll(async () => {
  bench = await openCommandBench();
  const visit = { event_type: 'page:viewed', received_at: new Date(2), occurred_at: new Date(1) };
  await keepLetter('user_activity_event', visit);
  await keepLetter('user_activity_event', { event_type: 7.5, received_at: 'never' });
  await keepLetter('user_activity_event', { ...visit, adress: '[redacted]' }, { replayable: false });
  await keepLetter('budget_approvals', { amount: '7' });
  await keepLetter('user_activity_event', visit, { state: 'replayed' });
  await keepLetter('consumer:search-index', {}, { origin: 'capture' });
});
afterAll(() => bench.close());

it('says what would become of refused events before it does anything', async () => {
  expect(outcomes(await run('--json'))).toEqual(['storable', 'refused', 'lacking', 'refused']);
  expect(outcomes(await run('--json', '--collection', 'budget_approvals'))).toEqual(['refused']);
  expect(await run('--reason', 'event.refused', '--json')).toBe('[]\n');
  expect(await run()).toMatch(/storable[^]*received_at[^]*lacking[^]*to store 1: .*--apply/);
  expect(await events().countDocuments()).toBe(0);
  expect(await letters().countDocuments({ state: 'open' })).toBe(5);
});

it('stores them, each once, settles their letters, and goes on after it was ended in the middle', async () => {
  const [first] = await letters().find({ state: 'open' }).sort({ created_at: 1 }).toArray();
  const apply = () => run('--apply', '--collection', 'user_activity_event');
  await expect(apply()).rejects.toMatchObject({ code: 'events.refused' });
  expect(await events().find().toArray()).toMatchObject([{ _id: first!._id, user_id: 'u-1' }]);
  expect(await letters().findOne({ _id: first!._id })).toMatchObject({
    state: 'replayed',
    resolution: { resolved_by: expect.any(String) },
  });
  expect(await letters().findOne({ 'payload.received_at': 'never' })).toMatchObject({
    state: 'open',
    attempts: 2,
    reason: { code: 'event.invalid', message: expect.stringContaining('received_at') },
  });
  // Ended after it was stored and before its letter was settled.
  await letters().updateOne({ _id: first!._id }, { $set: { state: 'open' } });
  await expect(apply()).rejects.toMatchObject({ code: 'events.refused' });
  expect(await events().countDocuments()).toBe(1);
  expect(await letters().countDocuments({ state: 'replayed' })).toBe(2);
});
