import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { planCapture, prepareCapture, reportCoverage, type Capture } from '../index.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

let bench: CaptureBench;
let faults: string[] = [];
let capture: Capture | undefined;

async function start(): Promise<Capture> {
  capture = await bench.startCapture({ onError: (error) => faults.push((error as Error).message) });
  return capture;
}

beforeAll(async () => {
  bench = await openCaptureBench();
});
afterAll(() => bench.close());
beforeEach(() => {
  faults = [];
});
afterEach(async () => {
  await capture?.stop();
  capture = undefined;
});

const tell = async (entityType: string) =>
  (await bench.readChanges(entityType)).map(({ operation, new_value }) =>
    operation === 'GAP' ? `${new_value!['reason']}${new_value!['lasting'] ? ' (lasting)' : ''}` : operation,
  );
const less = 'the publication does not tell everything of it any more (lasting)';
const again = 'taken in: what was before is not known';

const cases: [what: string, does: string, command: string][] = [
  ['is dropped', 'drop publication infratraq_changes', 'DROP PUBLICATION'],
  [
    'holds some tables only',
    'drop publication infratraq_changes; create table others (id int); create publication infratraq_changes for table others',
    'DROP PUBLICATION',
  ],
  ['tells inserts only', `alter publication infratraq_changes set (publish = 'insert')`, 'ALTER PUBLICATION'],
  [
    'leaves out generated columns',
    `alter publication infratraq_changes set (publish_generated_columns = none)`,
    // Capture's own: the table gets the identity with which it can be written.
    'ALTER TABLE',
  ],
  ['has another name', 'alter publication infratraq_changes rename to elsewhere', 'ALTER PUBLICATION'],
];

describe.each(['along', 'later'] as const)('capture that runs %s', (pace) => {
  it.each(cases)(
    'tells a gap and a fault when the publication %s, and another when it is mended',
    async (what, does, command) => {
      const t = `t_${crypto.randomUUID().slice(0, 8)}`;
      if (pace === 'along') await start();
      await bench.query(
        `create table ${t} (id int primary key, v int, w int generated always as (v) stored); insert into ${t} values (1, 1)`,
      );
      await bench.query(does);
      await bench.query(`update ${t} set v = 2`);
      const plan = await planCapture(bench.postgres, bench.names);
      expect(plan.steps.map(({ kind }) => kind)).toContain('publication');
      expect(
        (await reportCoverage(bench.postgres, bench.names)).find(({ table }) => table === `public.${t}`),
      ).toMatchObject({ state: 'broken' });
      await prepareCapture(bench.postgres, bench.names);
      await bench.query(`update ${t} set v = 3`);
      await bench.catchUp(capture ?? (await start()));
      // Without its generated column, a row comes all the same.
      const between = what.includes('generated') ? ['UPDATE'] : [];
      expect(await tell(t)).toEqual(['INSERT', less, ...between, again, 'UPDATE']);
      expect(faults.join()).toContain(`${command} has taken changes of`);
      await bench.query('drop publication if exists elsewhere; drop table if exists others');
    },
  );
});

it('tells the tables that a list loses, or tells in part, and those alone', async () => {
  await bench.query(`create table one (id int primary key, v int); create table two (id int primary key, v int);
    create table three (id int primary key, v int); create schema hall; create table hall.four (id int)`);
  await prepareCapture(bench.postgres, {
    ...bench.names,
    scope: { tables: ['one', 'two', 'three'], schemas: ['hall'] },
  });
  await start();
  await bench.query('alter publication infratraq_changes drop table one');
  await bench.query(
    'alter publication infratraq_changes set table two where (v > 1), three, tables in schema hall',
  );
  await bench.query('alter table hall.four set schema public');
  await bench.query('insert into three values (1, 1)');
  await bench.catchUp(capture!);
  const last = async (table: string) => (await tell(table)).at(-1);
  expect(await last('one')).toBe(less);
  expect(await last('two')).toBe(less);
  expect(await last('three')).toBe('INSERT');
  expect(await tell('four')).toEqual(['RENAME', less]);
  await prepareCapture(bench.postgres, { ...bench.names, scope: {} });
  await bench.catchUp(capture!);
  expect(await last('two')).toBe(again);
  expect(await last('three')).toBe('INSERT');
});

it('tells changes that a publication missed within the transaction that makes it anew', async () => {
  await bench.query(`create table missed (id int primary key)`);
  await start();
  await bench.query(`begin; drop publication infratraq_changes; insert into missed values (1);
    create publication infratraq_changes for all tables with (publish_via_partition_root = true, publish_generated_columns = stored);
    commit`);
  await bench.catchUp(capture!);
  expect(await tell('missed')).toEqual([less, again]);
});

it('tells both ends of a spell in which a table was not logged, or was no part of what is logged', async () => {
  await bench.query(`create table spell (id int primary key, v int); insert into spell values (1, 1);
    create unlogged table begun (id int primary key); insert into begun values (1);
    create table parted (id int primary key) partition by range (id);
    create table parted_low partition of parted for values from (0) to (10)`);
  await bench.query('alter table spell set unlogged; alter table parted_low set unlogged');
  await bench.query('update spell set v = 2; insert into parted values (1)');
  await bench.query(
    'alter table spell set logged; alter table begun set logged; alter table parted_low set logged',
  );
  await bench.query('update spell set v = 3; insert into begun values (2); insert into parted values (2)');
  await start();
  await bench.catchUp(capture!);
  const unlogged = 'is unlogged: its changes are not in the log';
  const logged = 'was unlogged: what happened meanwhile is not known';
  expect(await tell('spell')).toEqual(['INSERT', unlogged, logged, 'UPDATE']);
  expect(await tell('begun')).toEqual([unlogged, logged, 'INSERT']);
  expect(await tell('parted')).toEqual([
    'partition public.parted_low is unlogged: its changes are not in the log',
    'partition public.parted_low was unlogged: what happened to its rows is not known',
    'INSERT',
  ]);
});

it('notices what a superuser hid from it, and tells gaps from there on', async () => {
  await bench.query(`create table hidden_name (id int primary key, v int); create table hidden_column (id int primary key);
    create table hidden_drop (id int primary key); create table hidden_logging (id int primary key);
    create table unharmed (id int primary key)`);
  await start();
  await bench.query(`set event_triggers = off; alter table hidden_name rename to shown_name;
    alter table hidden_column add v int default 7; drop table hidden_drop; alter table hidden_logging set unlogged;
    create table hidden_table (id int primary key); insert into hidden_table values (1); reset event_triggers`);
  await reportCoverage(bench.postgres, bench.names);
  await reportCoverage(bench.postgres, bench.names);
  await bench.catchUp(capture!);
  expect(await tell('hidden_name')).toEqual([
    'is the name of another table, or of none, since a time that is not known',
  ]);
  expect(await tell('shown_name')).toEqual(['has another name since a time that is not known']);
  expect(await tell('hidden_column')).toEqual(['was altered at a time that is not known']);
  expect(await tell('hidden_drop')).toEqual(['the table of this name was dropped unseen']);
  expect(await tell('hidden_logging')).toEqual(['is unlogged: its changes are not in the log']);
  expect(await tell('hidden_table')).toEqual(['INSERT']);
  expect(await tell('unharmed')).toEqual([]);
});

it('notices a publication that was changed while the event triggers were off', async () => {
  await bench.query(`create table unseen (id int primary key, v int); insert into unseen values (1, 1)`);
  await start();
  await bench.query(`set event_triggers = off; alter publication infratraq_changes set (publish = 'insert');
    reset event_triggers`);
  await prepareCapture(bench.postgres, bench.names);
  await bench.query('update unseen set v = 2');
  await bench.catchUp(capture!);
  expect(await tell('unseen')).toEqual(['INSERT', less, again, 'UPDATE']);
});
