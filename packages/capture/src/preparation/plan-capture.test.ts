import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { connectPostgres, type Postgres } from '@infratraq/postgres';
import {
  excludeTable,
  includeTable,
  planCapture,
  prepareCapture,
  removeCapture,
  reportCoverage,
} from '../index.js';

let databases: TestDatabases;
let postgres: Postgres;
let names: { slot: string };

beforeEach(async () => {
  databases = await createTestDatabases({ mongodb: false });
  postgres = await connectPostgres({ url: databases.postgresUrl });
  names = { slot: `test_${crypto.randomUUID().replaceAll('-', '')}` };
  await postgres.pool.query(`
    create table kept (id int primary key);
    create table logs (id int primary key);
    create schema plant;
    create table plant.pumps (id int primary key)`);
});
afterEach(async () => {
  await removeCapture(postgres, names);
  await postgres.close();
  await databases.drop();
});

const stateOf = async (table: string) =>
  (await reportCoverage(postgres, names)).find((one) => one.table === table);

it('shows what it would change, with the locks that takes, and changes nothing by that', async () => {
  const plan = await planCapture(postgres, names);
  expect(plan.steps.map(({ kind }) => kind)).toEqual([
    'bookkeeping',
    'identity',
    'identity',
    'identity',
    'attribution',
    'attribution',
    'attribution',
    'publication',
    'slot',
  ]);
  expect(plan.steps[1]).toMatchObject({
    sql: 'alter table "plant"."pumps" replica identity full',
    locks: expect.stringContaining('for a moment'),
  });
  expect(plan.steps.find(({ sql }) => sql?.includes('trigger'))).toMatchObject({
    sql: expect.stringContaining(
      'infratraq_capture before insert or update or delete or truncate on "plant"."pumps"',
    ),
    locks: expect.stringContaining('writers of the table for a moment'),
  });
  expect(await planCapture(postgres, names)).toEqual(plan);
  expect(await prepareCapture(postgres, names)).toEqual(plan);
  expect((await planCapture(postgres, names)).steps).toEqual([]);
});

it('leaves tables out with a reason, those made later in, and takes one back', async () => {
  await prepareCapture(postgres, { ...names, exclusions: [{ table: 'logs', reason: 'only noise' }] });
  await postgres.pool.query('create table later (id int primary key); create table plant.later (id int)');
  expect(await stateOf('public.logs')).toEqual({
    table: 'public.logs',
    state: 'excluded',
    reason: 'only noise',
  });
  for (const table of ['public.kept', 'public.later', 'plant.pumps', 'plant.later'])
    expect(await stateOf(table)).toEqual({ table, state: 'captured' });
  expect((await planCapture(postgres, names)).steps).toEqual([]);
  await includeTable(postgres, 'logs', names);
  expect(await stateOf('public.logs')).toEqual({ table: 'public.logs', state: 'captured' });
});

it('excludes a table from a publication that runs, and keeps to that when it is prepared again', async () => {
  await prepareCapture(postgres, names);
  await excludeTable(postgres, { table: 'plant.pumps', reason: 'written every second' }, names);
  await prepareCapture(postgres, names);
  expect(await stateOf('plant.pumps')).toMatchObject({ state: 'excluded', reason: 'written every second' });
  await expect(excludeTable(postgres, { table: 'nowhere', reason: 'x' }, names)).rejects.toThrow(
    'no table nowhere',
  );
  await expect(excludeTable(postgres, { table: 'kept', reason: ' ' }, names)).rejects.toThrow('Say why');
});

it('publishes chosen schemas and tables only, and finds the others broken until somebody decides', async () => {
  await prepareCapture(postgres, { ...names, scope: { schemas: ['plant'], tables: ['kept'] } });
  await postgres.pool.query('create table plant.later (id int primary key)');
  for (const table of ['public.kept', 'plant.pumps', 'plant.later'])
    expect(await stateOf(table)).toEqual({ table, state: 'captured' });
  expect(await stateOf('public.logs')).toMatchObject({
    state: 'broken',
    reason: expect.stringContaining('no publication'),
  });
  const [identity] = (await postgres.pool.query(`select relreplident from pg_class where relname = 'logs'`))
    .rows;
  expect(identity).toEqual({ relreplident: 'd' });
});
