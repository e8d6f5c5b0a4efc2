import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createConsumers, deadLetterTargetOf, RejectedChangeError } from '@infratraq/capture';
import { eventually } from '@infratraq/engines';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import { openCommandBench, type CommandBench } from '../testing/open-command-bench.js';

let bench: CommandBench;

beforeEach(async () => {
  bench = await openCommandBench();
  await bench.query('create table parcels (parcel_id int primary key)');
});
afterEach(() => bench.close());

const run = (...words: string[]) => bench.run('capture', ...words);

it('shows a plan, carries it out, tells how capture is, and leaves tables out', async () => {
  expect(await run('plan')).toMatch(/alter table "public"."parcels" replica identity full[^]*slot/);
  expect((await bench.query('select 1 from pg_publication')).rowCount).toBe(0);
  await run('prepare');
  expect(await run('plan')).toContain('nothing to change');
  const status = await run('status');
  expect(status).toMatch(/exists +true/);
  expect(status).toMatch(/wal_status +reserved/);
  await bench.startCapture();
  expect(await run('exclude', 'parcels', '--reason', 'is scratch space')).toContain('is scratch space');
  expect(await run('coverage')).toMatch(/public\.parcels +excluded +is scratch space/);
  await run('include', 'parcels');
  expect(await run('coverage')).toMatch(/public\.parcels +captured/);
  const marks = await eventually(
    () => bench.mongo.connection.collection('entity_changelog').find({ operation: 'GAP' }).toArray(),
    ({ length }) => length === 2,
  );
  expect(marks.map(({ changed_by }) => changed_by)).toEqual([userInfo().username, userInfo().username]);
});

it('reads tables that were filled before into the changelog, with progress', async () => {
  await bench.query('insert into parcels select generate_series(1, 300)');
  await run('prepare');
  await bench.startCapture();
  expect(await run('snapshot', '--progress')).toMatch(/public\.parcels +pending +0/);
  const printed = await run('snapshot');
  expect(printed).toContain('300 rows read');
  expect(printed).toMatch(/public\.parcels +done +300/);
  expect(await run('snapshot')).toContain('0 rows read');
  expect(await run('snapshot', 'parcels')).toContain('300 rows read');
});

it('recovers a lost slot only when the gap is accepted', async () => {
  await run('prepare');
  await bench.query('select pg_drop_replication_slot($1)', [bench.names.slot]);
  await expect(run('prepare')).rejects.toMatchObject({ code: 'capture.slot-lost' });
  await expect(run('recover')).rejects.toThrow('--accept-gap');
  expect(await run('recover', '--accept-gap')).toContain('infratraq capture snapshot');
  expect(await run('status')).toMatch(/exists +true/);
});

it('lists consumers with what they did not take, and gives them changes again', async () => {
  await run('prepare');
  await bench.startCapture();
  const seen: string[] = [];
  const letters = bench.mongo.connection.collection('dead_letter_event');
  const consumers = createConsumers({
    postgresUrl: bench.postgresUrl,
    slot: bench.names.slot,
    connection: bench.mongo.connection,
    pollMilliseconds: 50,
    consumers: [
      {
        name: 'ledger',
        entityTypes: ['parcels'],
        handle: async ([change]) => {
          seen.push(change!.entity_id);
          if (seen.length === 1) throw new RejectedChangeError('not yet');
        },
      },
    ],
    onRejected: async ({ consumer, change }) =>
      void (await letters.insertOne({
        target: deadLetterTargetOf(consumer),
        source_position: change._id,
        state: 'open',
      })),
    onReplayed: async () => void (await letters.updateMany({}, { $set: { state: 'replayed' } })),
  });
  bench.opened.defer(() => consumers.stop());
  consumers.start();
  const advanced = once(consumers, 'consumer:advanced');
  await bench.query('insert into parcels values (7)');
  const [{ position }] = (await advanced) as [{ position: string }];
  expect(await run('consumers')).toMatch(/ledger +\S+ +0 +0 s +1 +active/);

  expect(await run('replay', 'ledger', '--dead-letters')).toContain('given 1 changes again');
  await eventually(
    () => letters.countDocuments({ state: 'open' }),
    (open) => open === 0,
  );
  expect(JSON.parse(await run('consumers', '--json'))).toMatchObject([{ name: 'ledger', dead_letters: 0 }]);

  const again = once(consumers, 'consumer:advanced');
  await run('replay', 'ledger', '--from', position);
  await again;
  expect(seen).toEqual(['7', '7', '7']);
  await expect(run('replay', 'ledger')).rejects.toThrow('either --from');
  await expect(run('replay', 'ledger', '--from', 'yesterday')).rejects.toThrow('neither a time');
  await expect(run('replay', 'nobody', '--from', position)).rejects.toThrow('No consumer nobody');
});

it('lists what the changelog refused, and offers it again', async () => {
  const changelog = bench.mongo.connection.collection<{ _id: string }>('entity_changelog');
  const letters = bench.mongo.connection.collection('dead_letter_event');
  await changelog.createIndex({ 'new_value.parcel_id': 1 }, { unique: true });
  await run('prepare');
  await bench.startCapture();
  await bench.query('insert into parcels values (7)');
  await bench.query('delete from parcels');
  await bench.query('insert into parcels values (7), (8)');
  // What is stored of a batch is there before what was refused of it is kept.
  const [refused] = await eventually(
    async () => JSON.parse(await run('refused', '--json')) as { change_id: string }[],
    ({ length }) => length > 0,
  );
  await letters.insertOne({
    target: 'entity_changelog',
    source_position: refused!.change_id,
    state: 'open',
    attempts: 1,
  });
  expect(await run('refused')).toMatch(/parcels +\S+ +1 +E11000/);
  const replay = () => run('replay', 'changelog', '--dead-letters');
  await expect(replay()).rejects.toMatchObject({ code: 'capture.still-refused' });
  expect(await letters.findOne()).toMatchObject({ state: 'open', attempts: 2 });
  await changelog.dropIndexes();
  expect(await replay()).toContain('has taken 1 changes');
  expect(await changelog.countDocuments({ _id: refused!.change_id })).toBe(1);
  expect(await letters.findOne()).toMatchObject({ state: 'replayed' });
  expect(JSON.parse(await run('refused', '--json'))).toEqual([]);
  await expect(run('replay', 'changelog', '--from', '2026-01-01')).rejects.toThrow('--dead-letters');
});
