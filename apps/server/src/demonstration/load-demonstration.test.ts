import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases } from '@infratraq/engines';
import { createChannelMembershipRepository } from '@infratraq/messaging/postgres';
import { openPostgres, type Postgres } from '@infratraq/postgres';
import { migrations } from '../migrations.js';
import { loadDemonstration } from './load-demonstration.js';

let databases: Awaited<ReturnType<typeof createTestDatabases>>;
let postgres: Postgres;

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: true });
  ({ postgres } = await openPostgres(databases, migrations));
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
