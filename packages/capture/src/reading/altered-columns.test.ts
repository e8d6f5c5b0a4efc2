import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mongo } from 'mongoose';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';
import { paces, runAtPace } from '../testing/paces.js';

let bench: CaptureBench;

beforeAll(async () => {
  bench = await openCaptureBench();
});
afterAll(() => bench.close());

const tell = async (entityType: string) =>
  (await bench.readChanges(entityType)).map(({ operation, entity_id, new_value }) => [
    operation,
    entity_id,
    new_value,
  ]);
const operations = async (entityType: string) =>
  (await bench.readChanges(entityType)).map(({ operation }) => operation);
const decimal = (text: string) => mongo.Decimal128.fromString(text);

describe.each(paces)('capture that runs %s', (pace) => {
  const run = (...statements: string[]) => runAtPace(bench, pace, statements);

  it('tells added columns with the values of existing rows, renamed ones and dropped ones', async () => {
    const t = `${pace}_parcels`;
    await run(
      `create table ${t} (id int primary key, name text, extra text); insert into ${t} values (1, 'a', 'x')`,
      `alter table ${t} add n int default 7, add price numeric(6,2) default 1.5, add tags text[] default '{a,"b c"}',
         add made timestamptz default '2026-01-31 12:00+01', add note text`,
      `insert into ${t} (id) values (2); alter table ${t} rename name to title`,
      `alter table ${t} drop extra; insert into ${t} (id, title) values (3, 'c')`,
    );
    const columns = (names: string[]) => names.map((name) => ({ name }));
    const all = ['id', 'name', 'extra', 'n', 'price', 'tags', 'made', 'note'];
    const added = {
      n: 7,
      price: decimal('1.50'),
      tags: ['a', 'b c'],
      made: new Date('2026-01-31T11:00:00Z'),
      note: null,
    };
    expect(await tell(t)).toEqual([
      ['INSERT', '1', { id: 1, name: 'a', extra: 'x' }],
      [
        'ALTER',
        '*',
        {
          columns: [
            ...columns(['id', 'name', 'extra']),
            ...Object.entries(added).map(([name, value]) => ({ name, added: true, value })),
          ],
          dropped: [],
        },
      ],
      ['INSERT', '2', { id: 2, name: null, extra: null, ...added }],
      [
        'ALTER',
        '*',
        {
          columns: columns(all).map((column) =>
            column.name === 'name' ? { name: 'title', was: 'name' } : column,
          ),
          dropped: [],
        },
      ],
      [
        'ALTER',
        '*',
        {
          columns: columns(['id', 'title', 'n', 'price', 'tags', 'made', 'note']),
          dropped: ['extra'],
        },
      ],
      ['INSERT', '3', { id: 3, title: 'c', ...added }],
    ]);
  });

  it('calls a row by its key at the change, also when the key moves to another column', async () => {
    const t = `${pace}_badges`;
    await run(
      `create table ${t} (id int primary key, code text not null); insert into ${t} values (1, 'A')`,
      `begin; update ${t} set id = 2; alter table ${t} drop constraint ${t}_pkey, add primary key (code);
         update ${t} set id = 3; commit`,
      `update ${t} set id = 4; alter table ${t} rename code to name; update ${t} set id = 5`,
    );
    expect(await tell(t)).toEqual([
      ['INSERT', '1', { id: 1, code: 'A' }],
      ['DELETE', '1', null],
      ['INSERT', '2', { id: 2, code: 'A' }],
      ['ALTER', '*', { columns: [{ name: 'id' }, { name: 'code' }], dropped: [], key: ['code'] }],
      ['UPDATE', 'A', { id: 3, code: 'A' }],
      ['UPDATE', 'A', { id: 4, code: 'A' }],
      ['ALTER', '*', { columns: [{ name: 'id' }, { name: 'name', was: 'code' }], dropped: [] }],
      ['UPDATE', 'A', { id: 5, name: 'A' }],
    ]);
  });

  it('says which columns a rewrite has computed', async () => {
    const t = `${pace}_costs`;
    await run(
      `create table ${t} (id int primary key, v numeric, w int default 2); insert into ${t} values (1, 2)`,
      `alter table ${t} alter v type numeric using v * 1.5`,
      `alter table ${t} add rolled float default random()`,
      `alter table ${t} add doubled int generated always as (w * 2) stored`,
    );
    const [, rewrite, volatile, generated] = await bench.readChanges(t);
    const unknownOf = (columns: unknown) =>
      (columns as { name: string; unknown?: true; added?: true; value?: unknown }[])
        .filter((column) => column.unknown === true || (column.added === true && !('value' in column)))
        .map(({ name }) => name);
    expect(unknownOf(rewrite!.new_value!['columns'])).toEqual(['v']);
    expect(unknownOf(volatile!.new_value!['columns'])).toEqual(['rolled']);
    expect(unknownOf(generated!.new_value!['columns'])).toEqual(['doubled']);
  });
});

it('tells nothing of alterations that change no value', async () => {
  await runAtPace(bench, 'later', [
    `create domain label as text check (value <> ''); create table calm (id int primary key, a varchar(10), b text,
       c numeric(6,2), d int, virtual int generated always as (d * 2) virtual)`,
    `insert into calm values (1, 'a', 'b', 1.5, 3)`,
    `alter table calm alter a type varchar(20), alter c type numeric(8,2)`,
    `alter table calm alter a type text, alter b type varchar; alter table calm alter b type text`,
    `alter table calm alter a set not null, alter b set default 'x', alter b set statistics 5, set (fillfactor = 80),
       alter a set storage external`,
    `alter table calm alter virtual set expression as (d * 3); create index on calm (d); comment on table calm is 'x'`,
    `alter table calm replica identity default; cluster calm using calm_pkey; update calm set d = 4`,
  ]);
  expect(await operations('calm')).toEqual(['INSERT', 'UPDATE']);
});

it('says where the same values show otherwise, or are computed anew, whatever the alteration looks like', async () => {
  await runAtPace(bench, 'later', [
    `create table shown (id int primary key, net cidr, at timestamp, n int, w int, twice int generated always as (n * 2) stored)`,
    `insert into shown values (1, '10.1.2.3/32', '2026-01-31 12:00', 1, 1)`,
    `alter table shown alter net type inet`,
    `set timezone = 'UTC'; alter table shown alter at type timestamptz; reset timezone`,
    `alter table shown alter twice set expression as (n * 3)`,
    `alter table shown alter w type bigint`,
  ]);
  const unknown = (await bench.readChanges('shown'))
    .slice(1)
    .map(({ operation, new_value }) => [
      operation,
      (new_value!['columns'] as { name: string; unknown?: true }[])
        .filter((column) => column.unknown)
        .map(({ name }) => name),
    ]);
  expect(unknown).toEqual([
    ['ALTER', ['net']],
    ['ALTER', ['at']],
    ['ALTER', ['twice']],
    ['ALTER', ['w', 'twice']],
  ]);
});

it('tells columns of partitions and children with those of what they belong to', async () => {
  await runAtPace(bench, 'later', [
    `create table fields (id int primary key, v int) partition by range (id);
     create table fields_low partition of fields for values from (0) to (10);
     create table elders (id int, v int); create table heirs (more int) inherits (elders)`,
    `insert into fields values (1, 1); insert into heirs values (1, 1, 1)`,
    `alter table fields add n int default 7; alter table elders add n int default 8`,
    `alter table fields alter v type int using v + 1; alter table elders rename v to w`,
  ]);
  const last = async (table: string) =>
    (await bench.readChanges(table))
      .filter(({ whole_table }) => whole_table)
      .map(({ new_value }) => (new_value!['columns'] as object[]).slice(1));
  expect(await last('fields')).toEqual([
    [{ name: 'v' }, { name: 'n', added: true, value: 7 }],
    [{ name: 'v', unknown: true }, { name: 'n' }],
  ]);
  expect(await last('heirs')).toEqual([
    [{ name: 'v' }, { name: 'more' }, { name: 'n', added: true, value: 8 }],
    [{ name: 'w', was: 'v' }, { name: 'more' }, { name: 'n' }],
  ]);
  expect(await bench.readChanges('fields_low')).toEqual([]);
});
