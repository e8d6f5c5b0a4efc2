import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases } from '@infratraq/engines';
import { connectPostgres, runAlone, type Postgres } from '../index.js';

let databases: Awaited<ReturnType<typeof createTestDatabases>>;
let processes: Postgres[];

beforeAll(async () => {
  databases = await createTestDatabases({ postgres: true });
  processes = await Promise.all([1, 2].map(() => connectPostgres({ url: databases.postgresUrl })));
});
afterAll(async () => {
  await Promise.all(processes.map((postgres) => postgres.close()));
  await databases.drop();
});

it('lets one of several processes work, and the next one once that has ended, however it ended', async () => {
  const [first, second] = processes as [Postgres, Postgres];
  const attempts: (string | undefined)[] = [];
  const attempt = async () => attempts.push(await runAlone(second, 'counting', async () => 'second'));
  await runAlone(first, 'counting', async () => {
    await attempt();
    attempts.push(await runAlone(second, 'measuring', async () => 'other work'));
  });
  await attempt();
  await expect(
    runAlone(first, 'counting', async () => {
      throw new Error('failed');
    }),
  ).rejects.toThrow('failed');
  await attempt();
  expect(attempts).toEqual([undefined, 'other work', 'second', 'second']);
});
