import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createTestDatabases, type TestDatabases } from '@infratraq/engines';
import { openPostgres, type Postgres } from '@infratraq/postgres';
import { notificationMigrations } from './migrations/index.js';
import { createMailComplaintRepository } from './mail-complaint-repository.js';

let databases: TestDatabases;
let postgres: Postgres;
beforeAll(async () => {
  databases = await createTestDatabases({ mongodb: false, postgres: true });
  ({ postgres } = await openPostgres(databases, [notificationMigrations]));
});
afterAll(async () => {
  await postgres.close();
  await databases.drop();
});

const at = (hour: number) => new Date(Date.UTC(2026, 10, 24, hour));
const complaint = (hour: number, mailbox = 'a') => ({
  user_id: 'ada',
  type: 'task.assigned',
  address_sha256: mailbox.repeat(64),
  complained_at: at(hour),
  feedback_type: 'abuse',
  provider_message_id: '<d-1@infra.example>',
});
const lifting = (hour: number) => ({ user_id: 'ada', type: 'task.assigned', lifted_by: 'ada', at: at(hour) });

it('a complaint holds until it is lifted, and again only if it is made after that', async () => {
  const complaints = createMailComplaintRepository(postgres);
  const reported = { ...complaint(1), reported_by: 'dns; mail.example.org' };
  await complaints.record(reported);
  await complaints.record(complaint(2));
  await complaints.record(complaint(2, 'b'));
  expect(await complaints.listOpen(['ada', 'ben'])).toEqual([reported, complaint(2, 'b')]);
  expect(await complaints.listOpen(['ben'])).toEqual([]);

  expect(await complaints.lift({ ...lifting(9), type: 'task.closed' })).toBe(false);
  expect(await complaints.lift(lifting(0))).toBe(false);
  expect(await complaints.lift(lifting(3))).toBe(true);
  expect(await complaints.lift(lifting(3))).toBe(false);
  for (const hour of [1, 2, 3]) await complaints.record(complaint(hour));
  expect(await complaints.listOpen(['ada'])).toEqual([]);
  await complaints.record(complaint(4));
  expect(await complaints.listOpen(['ada'])).toEqual([complaint(4)]);
});
