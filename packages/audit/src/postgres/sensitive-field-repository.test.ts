import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases, eventually, type TestDatabases } from '@infratraq/engines';
import { openPostgres, type Postgres } from '@infratraq/postgres';
import { nameEntityType } from '@infratraq/capture';
import { auditMigrations, createSensitiveFieldRepository, findLostFields } from './index.js';

let databases: TestDatabases;
let postgres: Postgres;
beforeAll(async () => {
  databases = await createTestDatabases({ mongodb: false });
  ({ postgres } = await openPostgres(databases, [auditMigrations]));
  await postgres.pool.query(`
    create schema payroll;
    create table payroll.wages (person text primary key, amount numeric) partition by hash (person);
    create table payroll.wages_0 partition of payroll.wages for values with (modulus 1, remainder 0);
    create table contractors (id int primary key, iban text)`);
});
afterAll(async () => {
  await postgres.close();
  await databases.drop();
});

it('declares columns by the name that changes carry, changes how they are masked, and withdraws them', async () => {
  const fields = createSensitiveFieldRepository(postgres);
  await fields.declare({ table: 'public.contractors', column: 'iban', reason: 'bank details' });
  await fields.declare({ table: 'payroll.wages_0', column: 'amount', masking: 'full', reason: 'pay' });
  await fields.declare({ table: 'contractors', column: 'iban', masking: 'digest', reason: 'compared' });
  expect(await fields.list()).toMatchObject([
    { table_name: 'contractors', column_name: 'iban', masking: 'digest', reason: 'compared' },
    { table_name: 'payroll.wages', column_name: 'amount', masking: 'full' },
  ]);
  await fields.withdraw('public.contractors', 'iban', 'not kept any more');
  expect(await fields.list()).toHaveLength(1);
  await expect(fields.withdraw('contractors', 'iban', 'again')).rejects.toMatchObject({
    code: 'audit.field-not-declared',
  });
});

it.each([
  ['nothing', 'iban', 'audit.table-unknown'],
  ['no"thing', 'iban', 'audit.table-unknown'],
  ['a.b.c.d', 'iban', 'audit.table-unknown'],
  ['contractors', 'nothing', 'audit.column-unknown'],
  ['contractors', 'id', 'audit.column-is-key'],
])('refuses %s.%s with %s', async (table, column, code) => {
  const declaring = createSensitiveFieldRepository(postgres).declare({ table, column, reason: 'test' });
  await expect(declaring).rejects.toMatchObject({ code, status: 400 });
});

const follow = (from: readonly [string, string], to: readonly [string, string], columns = {}) =>
  postgres.pool.query('select infratraq.on_renamed($1, $2, $3, $4, $5)', [...from, ...to, columns]);
const insert = (table: string, column: string, masking = 'partial') =>
  postgres.pool.query(
    `insert into infratraq.sensitive_fields (table_name, column_name, masking, reason) values ($1, $2, $3, 'test')`,
    [table, column, masking],
  );
const find = async (table: string) =>
  (await createSensitiveFieldRepository(postgres).list())
    .filter(({ table_name }) => table_name === table)
    .map(({ column_name, masking }) => `${column_name} ${masking}`);

it.each([
  ['odd', 'a.b'],
  ['odd', 'a"b'],
  ['odd', '*'],
  ['o.dd', 'plain'],
  ['public', '*'],
  ['public', 'odd.plain'],
  ['public', 'Odd name'],
])('follows from and to %s.%s by the names that changes carry', async (schema, table) => {
  const name = nameEntityType({ schema, table });
  await follow(['payroll', 'wages'], [schema, table], { amount: 'sum' });
  expect(await find(name)).toEqual(['sum full']);
  await follow([schema, table], [schema, table], { sum: 'a.b' });
  expect(await find(name)).toEqual(['a.b full', 'sum full']);
});

it('follows columns that swap their names, and hides what two names declare otherwise', async () => {
  await insert('swapped', 'a', 'digest');
  await insert('swapped', 'b', 'partial');
  await insert('swapped', 'c', 'partial');
  await follow(['public', 'swapped'], ['public', 'swapped'], { a: 'b', b: 'a' });
  expect(await find('swapped')).toEqual(['a full', 'b full', 'c partial']);
  await follow(['public', 'swapped'], ['public', 'merged'], { a: 'c' });
  expect(await find('merged')).toEqual(['b full', 'c full']);
});

it('waits for a rename under way before it looks for the column', async () => {
  const client = await postgres.pool.connect();
  await client.query(`create table moving (id int primary key, a text)`);
  await client.query(`begin; alter table moving rename a to b;
    select infratraq.on_renamed('public', 'moving', 'public', 'moving', '{"a": "b"}')`);
  const declaring = createSensitiveFieldRepository(postgres).declare({
    table: 'moving',
    column: 'a',
    reason: 'test',
  });
  const refused = expect(declaring).rejects.toMatchObject({ code: 'audit.column-unknown' });
  await eventually(
    async () =>
      (await postgres.pool.query(`select from pg_locks where locktype = 'advisory' and not granted`))
        .rowCount,
    (waiting) => waiting === 1,
  );
  await client.query('commit');
  client.release();
  await refused;
});

it('finds declared columns that are gone, but for those that are followed', async () => {
  await postgres.pool.query('create table kept (id int primary key, here text)');
  for (const column of ['here', 'gone', 'renamed']) await insert('kept', column);
  await follow(['public', 'kept'], ['public', 'kept'], { renamed: 'here' });
  await follow(['public', 'kept'], ['public', 'kept'], { renamed: 'other' });
  const declared = (await createSensitiveFieldRepository(postgres).list()).filter(
    ({ table_name }) => table_name === 'kept',
  );
  const lost = await findLostFields(postgres, declared);
  expect(lost.map(({ column_name }) => column_name)).toEqual(['gone', 'other']);
});
