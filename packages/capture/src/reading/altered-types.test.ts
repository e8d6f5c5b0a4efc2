import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';
import { paces, runAtPace } from '../testing/paces.js';

let bench: CaptureBench;

beforeAll(async () => {
  bench = await openCaptureBench();
});
afterAll(() => bench.close());

const tell = async (entityType: string) =>
  (await bench.readChanges(entityType)).map(({ operation, new_value }) => [
    operation,
    operation === 'GAP' ? new_value!['columns'] : operation === 'ALTER' ? 'columns' : new_value!['v'],
  ]);

describe.each(paces)('capture that runs %s', (pace) => {
  const run = (...statements: string[]) => runAtPace(bench, pace, statements);

  it('reads a composite by the names that its attributes have at the change, also when they swap', async () => {
    const addr = `${pace}_addr`;
    const t = `${pace}_homes`;
    const rename = (from: string, to: string) => `alter type ${addr} rename attribute ${from} to ${to}`;
    await run(
      `create type ${addr} as (street text, city text); create table ${t} (id int primary key, v ${addr}, w int);
       insert into ${t} values (1, '("Rd 1",Bern)')`,
      `begin; insert into ${t} values (2, '("Rd 2",Basel)'); ${rename('street', 'x')}; ${rename('city', 'street')};
       ${rename('x', 'city')}; insert into ${t} values (3, '(Chur,"Rd 3")'); commit`,
      `insert into ${t} values (4, '(Genf,"Rd 4")')`,
    );
    expect(await tell(t)).toEqual([
      ['INSERT', { street: 'Rd 1', city: 'Bern' }],
      ['INSERT', { street: 'Rd 2', city: 'Basel' }],
      ['GAP', ['v']],
      ['GAP', ['v']],
      ['GAP', ['v']],
      ['INSERT', { city: 'Chur', street: 'Rd 3' }],
      ['INSERT', { city: 'Genf', street: 'Rd 4' }],
    ]);
  });

  it('finds every table that uses a type, however deep it lies', async () => {
    const t = (name: string) => `${pace}_${name}`;
    const columns = {
      nested: `${t('outer')}`,
      lists: `${t('leaf')}[]`,
      limited: `${t('limited')}`,
      spans: `${t('span')}`,
      spans_many: `${t('spans')}`,
    };
    await run(
      `create type ${t('leaf')} as (a int, b int); create type ${t('outer')} as (leaf ${t('leaf')}, n int);
       create domain ${t('limited')} as ${t('leaf')}[] check (value is not null);
       create type ${t('span')} as range (subtype = ${t('leaf')}, multirange_type_name = ${t('spans')})`,
      ...Object.entries(columns).map(
        ([name, type]) => `create table ${t(name)}_t (id int primary key, w int, v ${type})`,
      ),
      `create table ${t('stranger')} (id int primary key, v int)`,
      `alter type ${t('leaf')} rename attribute a to c`,
    );
    for (const name of Object.keys(columns)) expect(await tell(`${t(name)}_t`)).toEqual([['GAP', ['v']]]);
    expect(await tell(t('stranger'))).toEqual([]);
  });

  it('tells a gap when a label of an enum is renamed, and none when one is added', async () => {
    const t = `${pace}_stages`;
    await run(
      `create type ${pace}_phase as enum ('plan'); create table ${t} (id int primary key, v ${pace}_phase[]);
       insert into ${t} values (1, '{plan}')`,
      `alter type ${pace}_phase add value 'build'`,
      `insert into ${t} values (2, '{build}'); alter type ${pace}_phase rename value 'build' to 'made';
       insert into ${t} values (3, '{made}'); alter type ${pace}_phase rename to ${pace}_step`,
    );
    expect(await tell(t)).toEqual([
      ['INSERT', ['plan']],
      ['INSERT', ['build']],
      ['GAP', ['v']],
      ['INSERT', ['made']],
    ]);
  });

  it('takes the rows of one table as values of another, and both as they are altered', async () => {
    await run(
      `create table ${pace}_rows (a int, b int); create table ${pace}_users (id int primary key, v ${pace}_rows);
       insert into ${pace}_users values (1, '(1,2)')`,
      `alter table ${pace}_rows rename a to c; insert into ${pace}_users values (2, '(3,4)')`,
      `alter table ${pace}_rows drop b; insert into ${pace}_users values (3, '(5)')`,
    );
    expect(await tell(`${pace}_users`)).toEqual([
      ['INSERT', { a: 1, b: 2 }],
      ['GAP', ['v']],
      ['INSERT', { c: 3, b: 4 }],
      ['GAP', ['v']],
      ['INSERT', { c: 5 }],
    ]);
  });

  it('follows attributes of a typed table, and columns that go with their type', async () => {
    await run(
      `create type ${pace}_kind as (a int, v int); create table ${pace}_typed of ${pace}_kind;
       create domain ${pace}_cost as int; create table ${pace}_priced (id int primary key, c ${pace}_cost, v int)`,
      `insert into ${pace}_typed values (1, 2); insert into ${pace}_priced values (1, 2, 3)`,
      `alter type ${pace}_kind rename attribute a to b cascade; alter type ${pace}_kind add attribute c int cascade`,
      `drop domain ${pace}_cost cascade; insert into ${pace}_priced values (2, 4)`,
    );
    expect((await bench.readChanges(`${pace}_typed`)).slice(1).map(({ new_value }) => new_value)).toEqual([
      { columns: [{ name: 'b', was: 'a' }, { name: 'v' }], dropped: [] },
      { columns: [{ name: 'b' }, { name: 'v' }, { name: 'c', added: true, value: null }], dropped: [] },
    ]);
    expect((await bench.readChanges(`${pace}_priced`)).slice(1).map(({ new_value }) => new_value)).toEqual([
      { columns: [{ name: 'id' }, { name: 'v' }], dropped: ['c'] },
      { id: 2, v: 4 },
    ]);
  });
});
