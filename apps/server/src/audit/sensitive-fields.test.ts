import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { SensitiveFieldKeeper } from '@infratraq/audit';
import { createSensitiveFieldRepository } from '@infratraq/audit/postgres';
import { eventually } from '@infratraq/engines';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

let server: TestServer;
let fields: SensitiveFieldKeeper;
let operator: Awaited<ReturnType<TestServer['as']>>;
let auditor: Awaited<ReturnType<TestServer['as']>>;

const secrets = ['DE12 3456 4711', 'DE12 3456 0815', '83500.25'];
const entries = (filter: object) =>
  server.mongodbDocuments('field_audit_log', { entity_type: 'suppliers', ...filter });

beforeAll(async () => {
  server = await openTestServer({ AUDIT_SEAL_INTERVAL_SECONDS: '1' });
  fields = createSensitiveFieldRepository(server.postgres);
  operator = await server.as('u-operator-1', 'operator');
  auditor = await server.as('u-auditor-1', 'auditor');
  const { pool } = server.postgres;
  await pool.query(
    'create table suppliers (supplier_id int primary key, name text, iban text, turnover numeric)',
  );
  await pool.query('alter table suppliers replica identity full');
  // With plain SQL, as somebody with a shell would.
  await pool.query(`insert into infratraq.sensitive_fields (table_name, column_name, masking, reason)
    values ('suppliers', 'turnover', 'full', 'trade secret')`);
  await fields.declare({ table: 'suppliers', column: 'iban', reason: 'bank details' });
  await pool.query(`insert into suppliers values (1, 'Kerb Ltd', '${secrets[0]}', ${secrets[2]})`);
  await pool.query(
    `update suppliers set iban = '${secrets[1]}', name = 'Kerb and Son' where supplier_id = 1`,
  );
  await eventually(
    () => entries({}),
    (found) => found.length >= 3,
  );
});
afterAll(() => server.close());

it('keeps every change of a sensitive field in the field audit, masked', async () => {
  const found = (await entries({ field: 'iban' })).sort((a, b) => (String(a._id) < String(b._id) ? -1 : 1));
  expect(found).toMatchObject([
    { operation: 'INSERT', new_value: 'DE•• •••• 4711', changed_by: expect.any(String) },
    { operation: 'UPDATE', old_value: 'DE•• •••• 4711', new_value: 'DE•• •••• 0815' },
  ]);
  const listed = await operator<{ items: object[] }>(
    'GET',
    '/audit/field-changes?entity_type=suppliers&entity_id=1&field=iban',
  );
  expect(listed.body.items).toMatchObject([{ operation: 'UPDATE' }, { operation: 'INSERT' }]);
  expect((await operator('GET', '/audit/field-changes?field=iban')).body).toMatchObject({
    code: 'audit.field-filter',
  });
});

it('shows sensitive values to nobody unasked, on no route of the audit trail', async () => {
  const now = encodeURIComponent(new Date().toISOString());
  for (const call of [operator, auditor])
    for (const path of [
      '/audit/changes?entity_type=suppliers',
      '/audit/entities/suppliers/1',
      `/audit/entities/suppliers/1?at=${now}`,
      '/audit/entities/suppliers/1/fields/iban',
      '/audit/entities/suppliers/1/fields/turnover',
      '/audit/field-changes?entity_type=suppliers&entity_id=1&field=iban',
    ]) {
      const answer = await call('GET', path);
      const text = JSON.stringify(answer.body);
      expect({ path, status: answer.status }).toEqual({ path, status: 200 });
      expect(text).toMatch(/DE•• •••• 0815|\[masked\]/);
      for (const secret of secrets) expect(text).not.toContain(secret);
    }
  expect(await entries({ operation: 'READ' })).toEqual([]);
});

it('shows them to auditors who ask for it, after it is recorded that they read them', async () => {
  const path = '/audit/entities/suppliers/1/fields/iban?unmasked=true&reason=fraud%20case%2012';
  expect((await operator('GET', path)).body).toMatchObject({ status: 403, code: 'audit.unmasked-forbidden' });
  const { body } = await auditor<{ items: object[] }>('GET', path);
  expect(body).toMatchObject({
    masking: null,
    items: [{ old_value: secrets[0], new_value: secrets[1] }, { new_value: secrets[0] }],
  });
  const read = await operator<{ items: object[] }>(
    'GET',
    '/audit/field-changes?changed_by=u-auditor-1&operation=READ',
  );
  expect(read.body.items).toMatchObject(
    Array(2).fill({ field: 'iban', entity_id: '1', reason: 'fraud case 12', operation: 'READ' }),
  );
  const whole = await auditor('GET', '/audit/changes?entity_type=suppliers&unmasked=true');
  expect(JSON.stringify(whole.body)).toContain(secrets[2]);
  const requests = await eventually(
    () => server.mongodbDocuments('api_request_log', { query: /unmasked=true/, status: 200 }),
    (found) => found.length >= 2,
  );
  for (const secret of secrets) expect(JSON.stringify(requests)).not.toContain(secret);
  // Both fields of both changes.
  expect(await entries({ operation: 'READ' })).toHaveLength(2 + 4);
});

it('shows nothing unmasked while it cannot record who reads', async () => {
  const move = (to: string) =>
    operator('POST', '/collections/field_audit_log/transitions', { to, reason: 'maintenance of the disk' });
  expect((await move('maintenance')).status).toBe(200);
  const answer = await auditor('GET', '/audit/entities/suppliers/1?unmasked=true');
  expect(answer.body).toMatchObject({ status: 503, code: 'audit.read-unrecorded' });
  for (const secret of secrets) expect(JSON.stringify(answer.body)).not.toContain(secret);
  expect((await auditor('GET', '/audit/entities/suppliers/1')).status).toBe(200);
  expect((await move('active')).status).toBe(200);
  expect((await auditor('GET', '/audit/entities/suppliers/1?unmasked=true')).status).toBe(200);
});

it('gives a proof, which holds the whole change, only to those who may see it unmasked', async () => {
  const [change] = await server.mongodbDocuments('entity_changelog', { entity_type: 'suppliers' });
  const path = `/audit/changes/${encodeURIComponent(String(change!._id))}/proof`;
  await eventually(
    () => auditor('GET', `${path}?unmasked=true`),
    ({ status }) => status === 200,
  );
  for (const call of [operator, auditor])
    expect((await call('GET', path)).body).toMatchObject({ status: 403, code: 'audit.sensitive-content' });
  expect((await operator('GET', `${path}?unmasked=true`)).body).toMatchObject({ status: 403 });
});

it('lets administrators declare and withdraw, and the audit trail tells who did and why', async () => {
  const admin = await server.as('u-admin-1', 'admin');
  const path = '/audit/sensitive-fields/suppliers/name';
  expect((await operator('PUT', path, { reason: 'a person' })).status).toBe(403);
  const declared = await admin('PUT', path, { masking: 'digest', reason: 'a person' });
  expect(declared.body).toMatchObject({ table_name: 'suppliers', column_name: 'name', masking: 'digest' });
  const { body } = await operator('GET', '/audit/entities/suppliers/1/fields/name');
  expect(JSON.stringify(body)).not.toContain('Kerb');
  expect((await operator<{ items: object[] }>('GET', '/audit/sensitive-fields')).body.items).toHaveLength(3);
  expect((await admin('PUT', '/audit/sensitive-fields/no%22thing/name', { reason: 'x' })).body).toMatchObject(
    {
      status: 400,
      code: 'audit.table-unknown',
    },
  );
  expect((await admin('DELETE', `${path}?reason=a%20firm`)).status).toBe(204);
  expect((await admin('DELETE', `${path}?reason=again`)).body).toMatchObject({ status: 404 });
  const made = await eventually(
    () =>
      server.mongodbDocuments('entity_changelog', {
        entity_type: 'infratraq.sensitive_fields',
        changed_by: 'u-admin-1',
      }),
    (found) => found.length === 2,
  );
  expect(made.map(({ operation, reason }) => [operation, reason]).sort()).toEqual([
    ['DELETE', 'a firm'],
    ['INSERT', 'a person'],
  ]);
});

it('masks no longer what is withdrawn, at once', async () => {
  await fields.withdraw('suppliers', 'iban', 'published anyway');
  const { body } = await operator('GET', '/audit/entities/suppliers/1');
  expect(JSON.stringify(body)).toContain(secrets[0]);
  expect(JSON.stringify(body)).not.toContain(secrets[2]);
});
