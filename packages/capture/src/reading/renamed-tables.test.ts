import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';
import { paces, runAtPace } from '../testing/paces.js';

let bench: CaptureBench;

beforeAll(async () => {
  bench = await openCaptureBench();
});
afterAll(() => bench.close());

/** What was told of a name, as short as can be. */
const tell = async (entityType: string) =>
  (await bench.readChanges(entityType)).map(({ operation, entity_id, new_value }) => [
    operation,
    entity_id,
    new_value && (Object.values(new_value).at(-1) as unknown),
  ]);

describe.each(paces)('capture that runs %s', (pace) => {
  const run = (...statements: string[]) => runAtPace(bench, pace, statements);

  it('ends a name and begins another when a table is renamed, and made anew under the old one', async () => {
    await run(
      `create table ${pace}_old (id int primary key, v text); insert into ${pace}_old values (1, 'a')`,
      `alter table ${pace}_old rename to ${pace}_new; update ${pace}_new set v = 'b'`,
      `create table ${pace}_old (id int primary key, v text); insert into ${pace}_old values (1, 'c')`,
    );
    expect(await tell(`${pace}_old`)).toEqual([
      ['INSERT', '1', 'a'],
      ['RENAME', '*', `${pace}_new`],
      ['INSERT', '1', 'c'],
    ]);
    expect(await tell(`${pace}_new`)).toEqual([
      ['RENAME', '*', `${pace}_old`],
      ['UPDATE', '1', 'b'],
    ]);
  });

  it('follows two tables that swap their names in one transaction, and back', async () => {
    const swap = `begin; alter table ${pace}_blue rename to ${pace}_none; alter table ${pace}_green rename to ${pace}_blue;
      alter table ${pace}_none rename to ${pace}_green; commit`;
    await run(
      `create table ${pace}_blue (id int primary key, v text); create table ${pace}_green (v text, id int primary key);
       insert into ${pace}_blue values (1, 'blue'); insert into ${pace}_green values ('green', 1)`,
      `${swap}; update ${pace}_blue set v = v || '2'`,
      `${swap}; update ${pace}_blue set v = v || '3'`,
    );
    expect(await bench.readChanges(`${pace}_blue`)).toMatchObject([
      { operation: 'INSERT', new_value: { id: 1, v: 'blue' } },
      { operation: 'RENAME', new_value: { renamed_to: `${pace}_none` } },
      { operation: 'RENAME', new_value: { renamed_from: `${pace}_green` } },
      { operation: 'UPDATE', entity_id: '1', old_value: { v: 'green' }, new_value: { v: 'green2', id: 1 } },
      { operation: 'RENAME', new_value: { renamed_to: `${pace}_none` } },
      { operation: 'RENAME', new_value: { renamed_from: `${pace}_green` } },
      { operation: 'UPDATE', entity_id: '1', old_value: { v: 'blue' }, new_value: { id: 1, v: 'blue3' } },
    ]);
  });

  it('calls the changes of partitions as their root is called', async () => {
    await run(
      `create table ${pace}_year (id int primary key, v text) partition by range (id);
       create table ${pace}_part partition of ${pace}_year for values from (0) to (9);
       insert into ${pace}_year values (1, 'a')`,
      `alter table ${pace}_year rename to ${pace}_years; update ${pace}_years set v = 'b'`,
    );
    expect(await tell(`${pace}_year`)).toEqual([
      ['INSERT', '1', 'a'],
      ['RENAME', '*', `${pace}_years`],
    ]);
    expect(await tell(`${pace}_years`)).toEqual([
      ['RENAME', '*', `${pace}_year`],
      ['UPDATE', '1', 'b'],
    ]);
  });

  it('follows tables through schemas that they move to, or that are renamed', async () => {
    await run(
      `create schema ${pace}_a; create schema "${pace}.b"; create table ${pace}_a.t (id int constraint ${pace}_key primary key);
       insert into ${pace}_a.t values (1)`,
      `alter table ${pace}_a.t set schema "${pace}.b"`,
      `alter schema "${pace}.b" rename to ${pace}_c; insert into ${pace}_c.t values (2)`,
      `alter table ${pace}_c.t set schema public; alter table t rename to ${pace}_t`,
    );
    expect(await tell(`${pace}_a.t`)).toEqual([
      ['INSERT', '1', 1],
      ['RENAME', '*', `"${pace}.b".t`],
    ]);
    expect(await tell(`"${pace}.b".t`)).toEqual([
      ['RENAME', '*', `${pace}_a.t`],
      ['RENAME', '*', `${pace}_c.t`],
    ]);
    expect(await tell(`${pace}_c.t`)).toEqual([
      ['RENAME', '*', `"${pace}.b".t`],
      ['INSERT', '2', 2],
      ['RENAME', '*', 't'],
    ]);
    expect(await tell(`${pace}_t`)).toEqual([['RENAME', '*', 't']]);
  });

  it('tells nothing of a rename that is undone', async () => {
    await run(
      `create table ${pace}_kept (id int primary key)`,
      `begin; savepoint s; alter table ${pace}_kept rename to ${pace}_lost; insert into ${pace}_lost values (1);
       rollback to s; insert into ${pace}_kept values (2); commit`,
    );
    expect(await tell(`${pace}_kept`)).toEqual([['INSERT', '2', 2]]);
    expect(await tell(`${pace}_lost`)).toEqual([]);
  });
});

it('renames a partitioned table and one that others inherit from, and neither partition nor child', async () => {
  await runAtPace(bench, 'later', [
    `create table tree (id int primary key) partition by range (id);
     create table leaf partition of tree for values from (0) to (10);
     create table parent (id int); create table child (extra int) inherits (parent);
     insert into tree values (1); insert into child values (1, 2)`,
    `alter table tree rename to forest; alter table leaf rename to twig; alter table parent rename to elder;
     insert into forest values (2); insert into child values (3, 4)`,
  ]);
  expect(await tell('forest')).toEqual([
    ['RENAME', '*', 'tree'],
    ['INSERT', '2', 2],
  ]);
  expect(await tell('twig')).toEqual([]);
  expect(await tell('elder')).toEqual([['RENAME', '*', 'parent']]);
  expect((await tell('child')).map(([operation]) => operation)).toEqual(['INSERT', 'INSERT']);
});

it('keeps a table left out, and a snapshot under way, under its new name', async () => {
  await bench.query(`create table secret (id int primary key); create table filling (id int primary key);
    insert into filling values (1)`);
  await bench.query(
    `insert into infratraq.capture_exclusion (schema_name, table_name, reason) values ('public', 'secret', 'payroll');
     insert into infratraq.capture_snapshot (source, schema_name, table_name)
     select source, 'public', 'filling' from infratraq.capture_position where ended_at is null`,
  );
  await bench.query(`alter table secret rename to private; alter table filling rename to filled`);
  expect(await bench.query('select table_name, reason from infratraq.capture_exclusion')).toEqual([
    { table_name: 'private', reason: 'payroll' },
  ]);
  expect(await bench.query('select table_name from infratraq.capture_snapshot')).toEqual([
    { table_name: 'filled' },
  ]);
});
