import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases } from '@infratraq/engines';
import { openPostgres, type Postgres } from '@infratraq/postgres';
import { loadDemonstration } from '@infratraq/server/demonstration';
import { migrations } from '@infratraq/server/migrations';
import { changeSomething } from './change-something.js';

let databases: Awaited<ReturnType<typeof createTestDatabases>>;
let postgres: Postgres;

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: true });
  ({ postgres } = await openPostgres(databases, migrations));
  await loadDemonstration(postgres);
});
afterAll(async () => {
  await postgres.close();
  await databases.drop();
});

const countRows = () =>
  Promise.all(
    ['work_orders', 'inspections'].map(async (table) =>
      Number((await postgres.pool.query(`select count(*) from ${table}`)).rows[0].count),
    ),
  );

it('changes rows again and again without breaking the schema of the field', async () => {
  const before = await countRows();
  let state = 42;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const changes = [];
  for (let round = 0; round < 60; round += 1) changes.push(await changeSomething(postgres, random));
  expect(new Set(changes.map(({ table }) => table))).toEqual(
    new Set(['work_orders', 'contracts', 'inspections']),
  );
  const after = await countRows();
  expect(after[0]).toBeGreaterThan(before[0]!);
  expect(after[1]).toBeGreaterThan(before[1]!);
});
