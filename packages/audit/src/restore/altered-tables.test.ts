import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { connectPostgres, migrate, type Postgres } from '@infratraq/postgres';
import { useModels } from '@infratraq/testing';
import { EntityChangelog } from '../collections/entity-changelog.js';
import { exampleDocuments } from '../example-documents.js';
import { createMask } from '../sensitive/mask-value.js';
import { RowRestorer } from './row-restorer.js';

const database = useModels(EntityChangelog);
let databases: TestDatabases;
let postgres: Postgres;
let restorer: RowRestorer;
let commits = 0;

beforeAll(async () => {
  databases = await createTestDatabases({ mongodb: false });
  postgres = await connectPostgres({ url: databases.postgresUrl });
  await migrate(postgres);
  restorer = new RowRestorer({
    models: database.models,
    postgres,
    fields: { list: async () => [] },
    mask: createMask('key'),
    key: 'key',
  });
});
afterAll(async () => {
  await postgres.close();
  await databases.drop();
});

const at = (minute: number) => new Date(Date.UTC(2026, 0, 15, 10, minute));

/** Stores a change of its own transaction, that committed at the minute. */
async function store(minute: number, entity_type: string, given: Partial<EntityChangelog>): Promise<string> {
  commits += 1;
  const { transaction_id, lsn, source, changed_by, schema_name } = exampleDocuments.EntityChangelog();
  const _id = `main:${commits.toString(16).padStart(16, '0')}:00000000`;
  const rest = {
    transaction_id,
    lsn,
    source,
    changed_by,
    schema_name,
    table_name: entity_type,
    changed_fields: [],
  };
  const change = { _id, ...rest, entity_type, entity_id: '1', position: 0, changed_at: at(minute), ...given };
  await database.models.of(EntityChangelog).create({ operation: 'INSERT', old_value: null, ...change });
  return _id;
}

const ofTable = (operation: 'RENAME' | 'ALTER' | 'GAP', new_value: object) =>
  ({ entity_id: '*', whole_table: true, operation, new_value }) as Partial<EntityChangelog>;

async function rename(minute: number, from: string, to: string): Promise<void> {
  await store(minute, from, ofTable('RENAME', { renamed_to: to }));
  await store(minute, to, ofTable('RENAME', { renamed_from: from }));
}

const plan = (entity_type: string, selector: { at?: Date; change_id?: string }) =>
  restorer.plan({ entity_type, entity_id: '1' }, selector);
const kindsOf = ({ conflicts }: Awaited<ReturnType<typeof plan>>) => conflicts.map(({ kind }) => kind);

it('restores rows of the table that has the name now, not of the one that it swapped names with', async () => {
  await postgres.pool
    .query(`create table blue (id int primary key, v text); insert into blue values (1, 'later');
    create table green (id int primary key, v text); insert into green values (1, 'old')`);
  const old = await store(1, 'blue', { new_value: { id: 1, v: 'old' } });
  await store(1, 'green', { new_value: { id: 1, v: 'new' } });
  await rename(2, 'blue', 'between');
  await rename(2, 'green', 'blue');
  await rename(2, 'between', 'green');
  const restored = await plan('blue', { at: at(1) });
  expect(restored.differences).toEqual([{ column: 'v', current: 'later', restored: 'new' }]);
  expect(kindsOf(restored)).toContain('table-renamed');
  expect(await plan('green', { at: at(1) })).toMatchObject({ action: 'none', change_id: old });
  expect(await plan('green', { change_id: old })).toMatchObject({ action: 'none' });
  await expect(plan('blue', { change_id: old })).rejects.toMatchObject({ code: 'audit.change-unknown' });
});

it('refuses a name that its table has lost, and says the present one', async () => {
  await store(1, 'works', { new_value: { id: 1 } });
  await rename(2, 'works', 'jobs');
  await expect(plan('works', { at: at(1) })).rejects.toMatchObject({
    code: 'audit.table-renamed',
    message: expect.stringContaining('restore jobs 1'),
  });
});

it('writes values into the columns that they are in now', async () => {
  await postgres.pool.query(`create table pairs (id int primary key, a text, b text, extra text);
    insert into pairs values (1, 'b', 'a', 'kept')`);
  await store(1, 'pairs', { new_value: { id: 1, a: 'a', b: 'b', c: 'gone' } });
  const columns = [{ name: 'id' }, { name: 'b', was: 'a' }, { name: 'a', was: 'b' }];
  await store(2, 'pairs', ofTable('ALTER', { columns, dropped: ['c'] }));
  const added = [{ name: 'id' }, { name: 'b' }, { name: 'a' }, { name: 'extra', added: true, value: null }];
  await store(3, 'pairs', ofTable('ALTER', { columns: added, dropped: [] }));
  const restored = await plan('pairs', { at: at(1) });
  expect(restored).toMatchObject({ action: 'none', differences: [] });
  expect(kindsOf(restored)).toEqual(expect.arrayContaining(['column-dropped', 'column-added']));
});

it('leaves values alone whose type was altered since, for they would mean something else', async () => {
  await postgres.pool.query(`create type addr as (city text, street text);
    create table homes (id int primary key, addr addr, v int); insert into homes values (1, row('x', 'y'), 2)`);
  await store(1, 'homes', { new_value: { id: 1, addr: { street: 's', city: 'c' }, v: 1 } });
  await store(2, 'homes', ofTable('GAP', { reason: 'altered', types_altered: true, columns: ['addr'] }));
  const restored = await plan('homes', { at: at(1) });
  expect(restored.differences).toEqual([{ column: 'v', current: '2', restored: '1' }]);
  expect(restored.conflicts).toContainEqual(
    expect.objectContaining({ kind: 'value-unknown', detail: expect.stringContaining('addr') }),
  );
  await postgres.pool.query('delete from homes');
  expect((await plan('homes', { at: at(1) })).conflicts).toContainEqual(
    expect.objectContaining({ kind: 'value-unknown', blocking: true }),
  );
});

it('takes what the log left out of a change from earlier ones', async () => {
  await postgres.pool.query(`create table texts (id int primary key, big text, v int)`);
  await store(1, 'texts', { new_value: { id: 1, big: 'long', v: 1 } });
  await store(2, 'texts', { operation: 'UPDATE', new_value: { id: 1, v: 2 }, unchanged_fields: ['big'] });
  const change_id = await store(3, 'texts', {
    operation: 'DELETE',
    old_value: { id: 1 },
    new_value: null,
    unknown_fields: ['big', 'v'],
  });
  const { statements, conflicts } = await plan('texts', { change_id });
  expect(statements).toEqual([expect.stringContaining(`values ('1'::integer, 'long'::text, '2'::integer)`)]);
  expect(conflicts.filter(({ blocking }) => blocking)).toEqual([]);
});
