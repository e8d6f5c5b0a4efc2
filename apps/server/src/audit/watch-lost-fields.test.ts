import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { auditMigrations, createSensitiveFieldRepository } from '@infratraq/audit/postgres';
import { createTestDatabases, eventually, type TestDatabases } from '@infratraq/engines';
import { openPostgres, type Postgres } from '@infratraq/postgres';
import { createLogger } from '../platform/create-logger.js';
import { watchLostFields } from './watch-lost-fields.js';

let databases: TestDatabases;
let postgres: Postgres;
beforeAll(async () => {
  databases = await createTestDatabases({ mongodb: false });
  ({ postgres } = await openPostgres(databases, [auditMigrations]));
});
afterAll(async () => {
  await postgres.close();
  await databases.drop();
});

it('warns of declared columns that were renamed without change capture', async () => {
  const fields = createSensitiveFieldRepository(postgres);
  await postgres.pool.query('create table payees (id int primary key, iban text, name text)');
  for (const column of ['iban', 'name']) await fields.declare({ table: 'payees', column, reason: 'test' });
  await postgres.pool.query('alter table payees rename iban to account');
  const lines: string[] = [];
  const closing: (() => unknown)[] = [];
  watchLostFields(
    fields,
    {
      postgres,
      log: createLogger('warn', { write: (line) => void lines.push(line) }),
      onError: (error) => void lines.push(String(error)),
    },
    (close) => void closing.push(close),
  );
  const [line] = await eventually(
    () => lines,
    (written) => written.length > 0,
  );
  expect(JSON.parse(line!)).toMatchObject({ columns: ['payees.iban'] });
  for (const close of closing) await close();
});
