import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases } from '@infratraq/engines';
import {
  changeSomething,
  connectPostgres,
  createChannelMembershipRepository,
  loadDemonstration,
  migrate,
  type Postgres,
} from '../index.js';

let databases: Awaited<ReturnType<typeof createTestDatabases>>;
let postgres: Postgres;

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: true });
  postgres = await connectPostgres({ url: databases.postgresUrl });
  await migrate(postgres);
});
afterAll(async () => {
  await postgres.close();
  await databases.drop();
});

const tables = ['organisations', 'projects', 'contracts', 'assets', 'work_orders', 'inspections'];
const countRows = () =>
  Promise.all(
    tables.map(async (table) =>
      Number((await postgres.pool.query(`select count(*) from ${table}`)).rows[0].count),
    ),
  );

it('loads its rows once, although two servers start together', async () => {
  const loaded = await Promise.all([loadDemonstration(postgres), loadDemonstration(postgres)]);
  expect(loaded.sort()).toEqual([false, true]);
  expect(await countRows()).toEqual([5, 12, 30, 120, 80, 60]);
});

it('gives every demonstration user the channels of the first projects', async () => {
  const memberships = createChannelMembershipRepository(postgres);
  const channels = await memberships.listChannelsOf('u-engineer-1');
  expect(channels.map(({ channel_id }) => channel_id)).toEqual([
    'project:1',
    'project:2',
    'project:3',
    'project:4',
    'site-safety',
  ]);
  expect(await memberships.find('project:1', 'u-manager-1')).toMatchObject({
    role: 'owner',
    history_from: null,
  });
  expect(await memberships.find('project:1', 'u-nobody')).toBeUndefined();
});

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
  expect(after[4]).toBeGreaterThan(before[4]!);
  expect(after[5]).toBeGreaterThan(before[5]!);
});
