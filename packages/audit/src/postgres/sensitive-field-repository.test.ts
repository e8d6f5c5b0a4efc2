import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { openPostgres, type Postgres } from '@infratraq/postgres';
import { auditMigrations, createSensitiveFieldRepository } from './index.js';

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
