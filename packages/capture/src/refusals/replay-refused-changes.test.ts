import { eventually } from '@infratraq/engines';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import {
  createConsumers,
  createMongoChangeSink,
  keepRefusedChange,
  listRefusedChanges,
  replayRefusedChanges,
  type Capture,
} from '../index.js';
import type { ReplayRefusedOptions } from './replay-refused-changes.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';
import { killProcess, startReplayProcess } from '../testing/start-capture-process.js';

let bench: CaptureBench;
let capture: Capture;

beforeEach(async () => {
  bench = await openCaptureBench();
  await bench.query('create table badges (badge_id int primary key, code text, price float8, serial int8)');
  capture = await bench.startCapture({
    sink: createMongoChangeSink(bench.connection, {
      onRejected: (one) => keepRefusedChange(bench.postgres, one),
    }),
  });
  await bench.changelog.createIndex({ 'new_value.code': 1 }, { unique: true, sparse: true });
});
afterEach(() => bench.close());

/** Of these, the changelog takes the first and the last alone. */
async function insertTwins(): Promise<void> {
  await bench.query(
    `insert into badges values (1, 'hunter2', 1, 1), (2, 'hunter2', 2, 2), (3, 'hunter2', 3, 3)`,
  );
  await bench.query(`insert into badges values (4, 'other', 4, 4)`);
  await bench.catchUp(capture);
}
const mend = () => bench.changelog.dropIndex('new_value.code_1');
const refused = () => listRefusedChanges(bench.postgres);
const replay = (options: Partial<ReplayRefusedOptions> = {}) =>
  replayRefusedChanges({
    postgres: bench.postgres,
    sink: createMongoChangeSink(bench.connection),
    ...options,
  });
const storedIds = async () => (await bench.readChanges('badges')).map(({ entity_id }) => entity_id);

it('stores what the changelog refused in its place, once what was in its way is gone', async () => {
  await insertTwins();
  expect(await storedIds()).toEqual(['1', '4']);
  expect(await replay()).toEqual({ replayed: 0, refused: 2 });
  expect(await refused()).toMatchObject([
    { entity_type: 'badges', attempts: 2, reason: expect.stringMatching(/E11000/) },
    { entity_type: 'badges', attempts: 2 },
  ]);
  await mend();
  expect(await replay()).toEqual({ replayed: 2, refused: 0 });
  expect(await storedIds()).toEqual(['1', '2', '3', '4']);
  const [first, second] = await bench.changelog
    .find({ entity_type: 'badges' }, { promoteValues: false, sort: { _id: 1 } })
    .toArray();
  // Also as the types that it would have had: a double that is whole, an integer of 64 bits.
  const typesOf = (row: object) => Object.values(row).map((value: { _bsontype?: string }) => value._bsontype);
  expect(typesOf(second!.new_value!)).toEqual(typesOf(first!.new_value!));
  expect(await refused()).toEqual([]);
  expect(await replay()).toEqual({ replayed: 0, refused: 0 });
});

it('lists and replays single changes', async () => {
  await insertTwins();
  const [first, second] = await refused();
  expect(await listRefusedChanges(bench.postgres, { limit: 1 })).toEqual([first]);
  expect(await listRefusedChanges(bench.postgres, { after: first!.change_id })).toEqual([second]);
  await mend();
  expect(await replay({ changeIds: [second!.change_id] })).toEqual({ replayed: 1, refused: 0 });
  expect(await storedIds()).toEqual(['1', '3', '4']);
  expect(await refused()).toEqual([first]);
});

it('keeps a change that is refused by a validator, and tells none of its values', async () => {
  await bench.connection.db!.command({
    collMod: 'entity_changelog',
    validator: { 'new_value.code': { $ne: 'hunter2' } },
    validationAction: 'error',
  });
  await bench.query(`insert into badges values (7, 'hunter2')`);
  await bench.catchUp(capture);
  const [validated] = await refused();
  await bench.connection.db!.command({ collMod: 'entity_changelog', validator: {} });
  await insertTwins();
  expect(JSON.stringify([validated, await refused()])).not.toContain('hunter2');
  const messages: string[] = [];
  await replay({ onRefused: async (_change, { message }) => void messages.push(message) });
  expect(messages.length).toBeGreaterThan(0);
  expect(messages.join()).not.toContain('hunter2');
});

it('stores each once when it is ended in the middle, or runs twice at the same time', async () => {
  await insertTwins();
  await mend();
  const killed = startReplayProcess(bench);
  const [stored] = (await once(killed, 'message')) as [string];
  await killProcess(killed);
  expect(await storedIds()).toEqual(['1', '2', '4']);
  expect(await refused()).toHaveLength(2);
  const settled: string[] = [];
  const onReplayed = async (change: string) => void settled.push(change);
  const outcomes = await Promise.all([replay({ onReplayed }), replay({ onReplayed })]);
  // PostgreSQL may not have noticed yet that the killed process is gone: its change is locked until then.
  await eventually(
    async () => {
      outcomes.push(await replay({ onReplayed }));
      return refused();
    },
    (left) => left.length === 0,
  );
  expect(outcomes.reduce((sum, { replayed }) => sum + replayed, 0)).toBe(2);
  expect(settled).toContain(stored);
  expect(await storedIds()).toEqual(['1', '2', '3', '4']);
});

it('gives it to those consumers that have gone past its place and take its table', async () => {
  const seen: Record<string, string[]> = { badges: [], others: [] };
  const consumers = createConsumers({
    postgresUrl: bench.postgresUrl,
    connection: bench.connection,
    slot: bench.names.slot,
    pollMilliseconds: 20,
    consumers: Object.keys(seen).map((table) => ({
      name: table,
      entityTypes: [table],
      handle: async (changes) => void seen[table]!.push(...changes.map(({ entity_id }) => entity_id)),
    })),
    onRejected: () => Promise.reject(new Error('nothing is to be rejected')),
  });
  consumers.start();
  try {
    await insertTwins();
    await mend();
    await eventually(
      () => seen['badges']!,
      (badges) => badges.includes('4'),
    );
    await replay();
    await eventually(
      () => seen['badges']!,
      (badges) => badges.length >= 4,
    );
    expect(seen).toEqual({ badges: ['1', '4', '2', '3'], others: [] });
  } finally {
    await consumers.stop();
  }
});
