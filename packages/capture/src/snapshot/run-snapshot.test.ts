import { eventually } from '@infratraq/engines';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import {
  prepareCapture,
  readSnapshotProgress,
  removeCapture,
  requestSnapshot,
  runSnapshot,
} from '../index.js';
import type { SnapshotSettings } from './run-snapshot.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';
import { ReplayedTable } from '../testing/replay-changes.js';

let bench: CaptureBench;

beforeEach(async () => void (bench = await openCaptureBench()));
afterEach(() => bench.close());

const snapshot = (options: Partial<SnapshotSettings> = {}) =>
  runSnapshot({ ...bench.names, postgresUrl: bench.postgresUrl, maxChunkRows: 50, ...options });

/** As if rows had been there before capture was ever prepared. */
async function prepareAnew(): Promise<void> {
  await removeCapture(bench.postgres, bench.names);
  await bench.query('delete from infratraq.capture_position');
  await prepareCapture(bench.postgres, bench.names);
}

async function expectRebuilt(table: string, key?: string): Promise<void> {
  const replayed = new ReplayedTable(key, false);
  const changes = await bench.readChanges(table);
  changes.forEach((change) => replayed.apply(change));
  expect(replayed.contradictions).toEqual([]);
  const rows = await bench.query(`select * from ${table}`);
  expect(replayed.rows()).toEqual(rows.map((row) => JSON.stringify(row)).sort());
}

it('reads tables that were filled before capture, with any key or none, and leaves empty ones alone', async () => {
  await bench.query(`
    create table single (id int primary key, name text);
    insert into single select i, 'n' || i from generate_series(1, 333) i;
    create table double (a text, b int, primary key (b, a));
    insert into double select chr(65 + i % 26), i / 26 from generate_series(0, 200) i;
    create table keyless (body text);
    insert into keyless select 'same' from generate_series(1, 70);
    create table parted (id int primary key, body text) partition by range (id);
    create table parted_low partition of parted for values from (0) to (100);
    create table parted_high partition of parted for values from (100) to (1000);
    insert into parted select i, null from generate_series(1, 150) i;
    create table nothing (id int primary key)`);
  await prepareAnew();
  const capture = await bench.startCapture();
  await snapshot();
  await bench.catchUp(capture);
  await expectRebuilt('single', 'id');
  await expectRebuilt('keyless');
  await expectRebuilt('parted', 'id');
  const double = await bench.readChanges('double');
  expect(new Set(double.map(({ entity_id }) => entity_id)).size).toBe(201);
  expect(double[0]).toMatchObject({
    operation: 'SNAPSHOT',
    old_value: null,
    new_value: { a: 'A', b: 0 },
    changed_fields: ['a', 'b'],
    entity_id: '["0","A"]',
    changed_by: 'infratraq',
    reason: 'snapshot',
  });
  const progress = await readSnapshotProgress(bench.postgres, bench.names);
  expect(progress.filter(({ table }) => table.startsWith('public.'))).toEqual(
    ['double', 'keyless', 'parted', 'single'].map((table) =>
      expect.objectContaining({ table: `public.${table}`, state: 'done', rows_skipped: 0 }),
    ),
  );
});

it('gives values the form that they have in the stream, so that rows without a key keep their names', async () => {
  await bench.query(`
    create table forms (c char(5), f float8, at timestamptz, i inet, b bool, bytes bytea, span interval);
    insert into forms values ('ab', 0.1, '2026-05-04 10:00:00.123456Z', '10.0.0.1', true, '\\x00ff', '1 day')`);
  const capture = await bench.startCapture();
  await bench.query(`create table copied (like forms)`);
  await bench.query('insert into copied select * from forms');
  await requestSnapshot(bench.postgres, { ...bench.names, tables: ['copied'] });
  await snapshot();
  await bench.catchUp(capture);
  const [insert, marker, read] = await bench.readChanges('copied');
  expect(marker).toMatchObject({ operation: 'SNAPSHOT', entity_id: '*', new_value: null });
  expect(read).toMatchObject({ operation: 'SNAPSHOT', entity_id: insert!.entity_id });
  expect(read!.new_value).toEqual(insert!.new_value);
});

it('agrees with everything that writers do meanwhile', async () => {
  await bench.query(`
    create sequence busy_ids start 10000;
    create table busy (id int primary key, value int not null);
    insert into busy select i, 0 from generate_series(1, 2000) i;
    create table busy_keyless (value int);
    insert into busy_keyless select i % 7 from generate_series(1, 300) i`);
  await prepareAnew();
  const capture = await bench.startCapture();
  let writing = true;
  const write = async () => {
    // The snapshot follows the rows that are moved ahead of it: however slow it is, the test ends.
    for (let turn = 0; writing && turn < 400; turn += 1) {
      const id = 1 + Math.floor(Math.random() * 2_000);
      await bench.query(`update busy set value = value + 1 where id between ${id} and ${id + 9}`);
      await bench.query(`update busy set id = nextval('busy_ids') where id = ${id}`);
      await bench.query(`delete from busy where id = ${id + 1}`);
      await bench.query(`insert into busy values (${id}, -1) on conflict do nothing`);
      await bench.query(
        `update busy_keyless set value = value + 1 where ctid = (select min(ctid) from busy_keyless)`,
      );
      // Paces the writers, so that they write for as long as the snapshot reads.
      await delay(5);
    }
  };
  const writers = [write(), write(), write(), write()];
  await snapshot();
  writing = false;
  await Promise.all(writers);
  await bench.catchUp(capture);
  const changes = await bench.readChanges('busy');
  expect(changes.filter(({ operation }) => operation === 'SNAPSHOT').length).toBeGreaterThan(1000);
  await expectRebuilt('busy', 'id');
  await expectRebuilt('busy_keyless');
});

it('comes back to rows that others hold, and waits for them while it holds nothing', async () => {
  await bench.query('create table held (id int primary key, value int)');
  await bench.query('insert into held select i, 0 from generate_series(1, 120) i');
  await prepareAnew();
  const capture = await bench.startCapture();
  const holder = await bench.postgres.pool.connect();
  await holder.query('begin; update held set value = 1 where id in (7, 80)');
  const states: string[] = [];
  const done = snapshot({
    onProgress: ({ state }) => {
      states.push(state);
      if (state === 'locked') void holder.query('commit').then(() => holder.release());
    },
  });
  await done;
  expect(states).toContain('locked');
  await bench.catchUp(capture);
  await expectRebuilt('held', 'id');
});

it.each([
  ['with a key', 'primary key', 'update held set id = -id where id = 7'],
  ['without one', '', 'insert into held values (0)'],
])('gives way to a writer of a table %s who then wants it alone', async (_kind, key, change) => {
  await bench.query(`create table held (id int ${key})`);
  await bench.query('insert into held select generate_series(1, 120)');
  await prepareAnew();
  const capture = await bench.startCapture();
  const writer = await bench.postgres.pool.connect();
  await writer.query(`begin; ${change}`);
  const done = snapshot();
  const waiting = `select from pg_stat_activity
    where datname = current_database() and application_name like 'infratraq snapshot%' and wait_event_type = 'Lock'`;
  await eventually(
    () => bench.query(waiting),
    (sessions) => sessions.length > 0,
  );
  await writer.query('lock table held in access exclusive mode');
  await writer.query('commit');
  writer.release();
  await done;
  await bench.catchUp(capture);
  await expectRebuilt('held', key === '' ? undefined : 'id');
});

it('goes on where it was stopped', async () => {
  await bench.query('create table long (id int primary key)');
  await bench.query('insert into long select * from generate_series(1, 500)');
  await prepareAnew();
  const capture = await bench.startCapture();
  for (let stop = 0; stop < 3; stop += 1) {
    const stopping = new AbortController();
    await snapshot({ signal: stopping.signal, onProgress: ({ rows }) => rows > 0 && stopping.abort() });
  }
  const [half] = (await readSnapshotProgress(bench.postgres, bench.names)).filter(
    ({ table }) => table === 'public.long',
  );
  expect(half).toMatchObject({ state: 'running', rows_done: 150 });
  await snapshot();
  await bench.catchUp(capture);
  const changes = await bench.readChanges('long');
  expect(changes.map(({ entity_id }) => Number(entity_id)).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 500 }, (_, index) => index + 1),
  );
});

it('believes no message of somebody who can write messages', async () => {
  await bench.query('create table truth (id int primary key)');
  const capture = await bench.startCapture();
  const forged = {
    secret: 'guessed',
    relation: { oid: 1, schema: 'public', table: 'truth' },
    key: [],
    rows: null,
  };
  for (const prefix of ['snapshot', 'gap', 'table', 'user'].map((name) => `infratraq.${name}`))
    await bench.query('select pg_logical_emit_message(true, $1, $2)', [prefix, JSON.stringify(forged)]);
  await bench.query(`select pg_logical_emit_message(true, 'infratraq.snapshot', 'no json')`);
  await bench.catchUp(capture);
  expect(await bench.readChanges()).toEqual([]);
});
