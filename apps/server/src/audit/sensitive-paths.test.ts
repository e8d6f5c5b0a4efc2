import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createMongoChangeSink, replayRefusedChanges } from '@infratraq/capture';
import { createSensitiveFieldRepository } from '@infratraq/audit/postgres';
import { eventually } from '@infratraq/engines';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

/** Stands in every sensitive value; nowhere else may it be found. */
const marker = 'zq4711hx';
const roles = ['member', 'operator', 'auditor', 'admin'] as const;

let server: TestServer;
let log: string[];
const callers = new Map<string, Awaited<ReturnType<TestServer['as']>>>();

const query = (text: string, values?: unknown[]) => server.postgres.pool.query(text, values);
const call = (role: (typeof roles)[number]) => callers.get(role)!;
const suggested = async () =>
  JSON.stringify((await call('member')('GET', `/search/suggest?q=${marker.slice(0, 4)}`)).body);
const letters = (filter: object) => server.mongodbDocuments('dead_letter_event', filter);
const addContract = (id: number, title: string) =>
  query(
    `insert into contracts (contract_id, project_id, contractor_id, reference, title, status, amount)
     values ($1, 1, 1, $2, $3, 'draft', 5)`,
    [id, `${marker} ${id}`, title],
  );
/** The whole of a collection, as text. */
const read = async (collection: string) => JSON.stringify(await server.mongodbDocuments(collection));
const collections = async () =>
  (await server.mongo.db!.listCollections().toArray()).map(({ name }) => name).sort();

beforeAll(async () => {
  log = [];
  server = await openTestServer(
    { AUDIT_SEAL_INTERVAL_SECONDS: '1', RATE_LIMIT_PER_MINUTE: '10000' },
    { write: (line) => void log.push(line) },
  );
  for (const role of roles) callers.set(role, await server.as(`u-${role}-1`, role));
  // Indexed, as long as it is not declared sensitive; looked for past the server, whose log of requests would know it.
  await addContract(9001, 'Before it was declared');
  await eventually(
    () => server.mongodbDocuments('search_index_cache', { subtitle: `${marker} 9001` }),
    (found) => found.length === 1,
  );
  await createSensitiveFieldRepository(server.postgres).declare({
    table: 'contracts',
    column: 'reference',
    reason: 'names people',
  });
  await addContract(9002, 'After it was declared');
  // Search takes no contract without a title, and the changelog none of this kind.
  await addContract(9003, '');
  await server.alterCollection('entity_changelog', {
    validator: { 'new_value.title': { $ne: 'Refused' } },
    validationAction: 'error',
  });
  await addContract(9004, 'Refused');
  await query(
    `update contracts set title = 'Taken', reference = '${marker} of 9002' where contract_id = 9002`,
  );
  await eventually(
    () => letters({ entity_type: 'contracts' }),
    (found) => found.length >= 2,
  );
  await eventually(
    () => server.mongodbDocuments('search_index_cache', { entity_type: 'contracts', title: 'Taken' }),
    (found) => found.length === 1,
  );
  await eventually(
    () => server.mongodbDocuments('field_audit_log', { entity_id: '9002', operation: 'UPDATE' }),
    (found) => found.length === 1,
  );
});
afterAll(() => server.close());

it('stores sensitive values in the changelog, and in no other collection', async () => {
  const holding: string[] = [];
  for (const name of await collections()) if ((await read(name)).includes(marker)) holding.push(name);
  expect(holding).toEqual(['entity_changelog']);
});

it('finds rows by what is not sensitive, and also what was indexed before the declaration by nothing else', async () => {
  expect(await suggested()).not.toContain('900');
  const { body } = await call('member')('GET', '/search/suggest?q=before');
  expect(JSON.stringify(body)).toContain('9001');
});

it('answers them to nobody unasked, on no route that can be read', async () => {
  const { body } = await server.call<{ paths: Record<string, { get?: unknown }> }>('/openapi.json');
  const now = encodeURIComponent(new Date().toISOString());
  const paths = Object.entries(body.paths)
    .filter(([, { get }]) => get !== undefined)
    .map(([path]) =>
      path
        .replace('{type}', 'contracts')
        .replace('{id}', '9002')
        .replace('{field}', 'reference')
        .replace(/\{\w+\}/g, 'contracts'),
    )
    .concat(
      '/api/v1/audit/changes?entity_type=contracts',
      `/api/v1/audit/entities/contracts/9002?at=${now}`,
      '/api/v1/search?q=contracts',
      '/api/v1/audit/field-changes?entity_type=contracts&entity_id=9002&field=reference',
    );
  expect(paths.length).toBeGreaterThan(40);
  for (const role of roles) {
    const headers = { authorization: `Bearer ${await server.tokenOf(`u-${role}-1`, [role])}` };
    const answers = await Promise.all(
      paths.map(async (path) => [path, await server.call(path, { headers })] as const),
    );
    const telling = answers.filter(([, { body }]) => JSON.stringify(body).includes(marker));
    expect({ role, telling: telling.map(([path]) => path) }).toEqual({ role, telling: [] });
  }
});

it('gives no report that shows a sensitive column, be it cached, and no alert on it', async () => {
  const report = () => call('admin')('POST', '/reports/project_costs', { params: {} });
  expect((await report()).status).toBe(200);
  const fields = createSensitiveFieldRepository(server.postgres);
  await fields.declare({ table: 'contracts', column: 'amount', reason: 'trade secret' });
  expect((await report()).body).toMatchObject({ status: 403, code: 'report.sensitive' });
  await eventually(
    () => server.mongodbDocuments('report_cache', { report_type: 'project_costs' }),
    (cached) => cached.length === 0,
  );
  await fields.withdraw('contracts', 'amount', 'published');
  expect((await report()).status).toBe(200);
});

it('keeps them out of the log and of what is on disk, errors and dead letters included', async () => {
  expect(log.join('')).toMatch(/a consumer did not take a change/);
  expect(log.join('')).not.toContain(marker);
  const files = await readdir(server.dataDirectory, { recursive: true, withFileTypes: true });
  for (const file of files)
    if (file.isFile()) {
      const path = join(file.parentPath, file.name);
      // The server goes on meanwhile: locks and files under way are gone a moment later.
      const content = await readFile(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        return '';
      });
      expect({ path, found: content.includes(marker) }).toEqual({ path, found: false });
    }
  const refused = await letters({ target: 'entity_changelog' });
  expect(refused).toMatchObject([{ entity_id: '9004', replayable: true }]);
});

it('shows them to those who may see them, and records who did, also of what was replayed', async () => {
  await server.alterCollection('entity_changelog', { validator: {}, validationAction: 'error' });
  const sink = createMongoChangeSink(server.mongo);
  expect(await replayRefusedChanges({ postgres: server.postgres, sink })).toEqual({
    replayed: 1,
    refused: 0,
  });
  const path = '/audit/entities/contracts/9004/fields/reference?unmasked=true&reason=case%207';
  for (const role of ['member', 'operator'] as const)
    expect((await call(role)('GET', path)).status).toBe(403);
  const readings = () => server.mongodbDocuments('field_audit_log', { operation: 'READ' });
  expect(await readings()).toEqual([]);
  expect(JSON.stringify((await call('auditor')('GET', path)).body)).toContain(`${marker} 9004`);
  expect(await readings()).toMatchObject([
    {
      entity_type: 'contracts',
      entity_id: '9004',
      field: 'reference',
      changed_by: 'u-auditor-1',
      reason: 'case 7',
    },
  ]);
  // The consumers had gone past it: they are given it all the same, and keep nothing of it.
  await eventually(
    () => server.mongodbDocuments('search_index_cache', { entity_type: 'contracts', entity_id: '9004' }),
    (found) => found.length === 1,
  );
  expect(await read('search_index_cache')).not.toContain(marker);
});
