import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { openPostgres, type Postgres } from '@infratraq/postgres';
import { createMailboxPositionRepository, messagingMigrations } from './index.js';

let databases: TestDatabases;
let postgres: Postgres;
beforeAll(async () => {
  databases = await createTestDatabases({ mongodb: false, postgres: true });
  ({ postgres } = await openPostgres(databases, [messagingMigrations]));
});
afterAll(async () => {
  await postgres.close();
  await databases.drop();
});

it('a mailbox position only grows, whoever writes it, until the mailbox is another one', async () => {
  const positions = createMailboxPositionRepository(postgres);
  expect(await positions.read('a/INBOX')).toBeUndefined();
  const write = (uid_validity: string, last_uid: number) =>
    positions.write('a/INBOX', { uid_validity, last_uid });
  await Promise.all([write('1', 7), write('1', 9), write('1', 8)]);
  expect(await positions.read('a/INBOX')).toEqual({ uid_validity: '1', last_uid: 9 });
  await write('2', 3);
  expect(await positions.read('a/INBOX')).toEqual({ uid_validity: '2', last_uid: 3 });
});
