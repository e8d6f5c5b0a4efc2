import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { excludeTable } from '@infratraq/capture';
import { eventually } from '@infratraq/engines';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

interface List {
  items: Record<string, unknown>[];
  next_cursor: string | null;
}

let server: TestServer;
let operator: Awaited<ReturnType<TestServer['as']>>;

beforeAll(async () => {
  server = await openTestServer();
  operator = await server.as('u-operator-1', 'operator');
});
afterAll(() => server.close());

const list = async (path: string) => (await operator<List>('GET', path)).body;

it('shows the slot, its leader and how much log is kept for it', async () => {
  const { body } = await eventually(
    () => operator('GET', '/capture'),
    (answer) => answer.body['active'] === true,
  );
  expect(body).toMatchObject({
    slot: expect.stringMatching(/^infratraq_/),
    exists: true,
    wal_status: 'reserved',
    lag_bytes: expect.any(Number),
    retained_bytes: expect.any(Number),
    leader: { pid: expect.any(Number), since: expect.any(String) },
  });
});

it('shows which tables are captured, by state and page by page', async () => {
  const { rows } = await server.postgres.pool.query<{ slot: string }>(
    'select slot_name as slot from infratraq.capture_position where ended_at is null',
  );
  await excludeTable(server.postgres, { table: 'assets', reason: 'is scratch space' }, rows[0]);
  expect(await list('/capture/tables?state=excluded')).toMatchObject({
    items: expect.arrayContaining([
      { table: 'public.assets', state: 'excluded', reason: 'is scratch space' },
    ]),
    counts: { captured: expect.any(Number), broken: 0 },
  });
  const names: unknown[] = [];
  for (let path: string | null = '/capture/tables?limit=3'; path !== null;) {
    const { items, next_cursor }: List = await list(path);
    expect(items.length).toBeLessThanOrEqual(3);
    names.push(...items.map(({ table }) => table));
    path = next_cursor && `/capture/tables?limit=3&cursor=${next_cursor}`;
  }
  const all = await list('/capture/tables?limit=200');
  expect(names).toEqual(all.items.map(({ table }) => table));
  expect(names.length).toBeGreaterThan(6);
});

describe('changes that are not taken', () => {
  const lettersOf = (target: string) => list(`/dead-letters?origin=capture&target=${target}`);
  const replay = (id: unknown) => operator('POST', `/dead-letters/${id}/replay`);

  it('are given to their consumer again', async () => {
    await server.postgres.pool.query(`insert into organisations (organisation_id, name, kind, country_code)
      values (9101, '', 'client', 'DE')`);
    const target = 'consumer:search-index';
    const { items } = await eventually(
      () => lettersOf(target),
      (letters) => letters.items.length > 0,
    );
    expect(items).toMatchObject([{ origin: 'capture', entity_id: '9101', attempts: 1, replayable: true }]);
    const consumers = (await list('/capture/consumers')).items;
    expect(consumers).toContainEqual(
      expect.objectContaining({
        name: 'search-index',
        dead_letters: 1,
        lag_changes: expect.any(Number),
        fault: null,
        active: expect.objectContaining({ pid: expect.any(Number) }),
      }),
    );
    expect((await replay(items[0]?.['id'])).body).toMatchObject({
      outcome: 'requested',
      dead_letter: { state: 'open' },
    });
    await eventually(
      () => lettersOf(target),
      (letters) => letters.items[0]?.['attempts'] === 2,
    );
  });

  it('are listed and offered to the changelog again, until it takes them', async () => {
    const refuse = (validator: object) =>
      server.alterCollection('entity_changelog', { validator, validationAction: 'error' });
    await refuse({ 'new_value.name': { $ne: 'Refused' } });
    for (const id of [2, 3])
      await server.postgres.pool.query(`update projects set name = 'Refused' where project_id = ${id}`);
    const { items } = await eventually(
      () => lettersOf('entity_changelog'),
      (letters) => letters.items.length === 2,
    );
    const [first, second] = items;
    const page = await list('/capture/refused?limit=1');
    expect(page.items).toMatchObject([
      { change_id: first?.['source_position'], entity_type: 'projects', attempts: 1 },
    ]);
    const next = await list(`/capture/refused?limit=1&cursor=${page.next_cursor}`);
    expect(next).toMatchObject({ items: [{ change_id: second?.['source_position'] }], next_cursor: null });

    expect((await replay(first?.['id'])).body).toMatchObject({
      outcome: 'refused',
      dead_letter: { state: 'open', attempts: 2 },
    });
    await refuse({});
    expect((await replay(first?.['id'])).body).toMatchObject({
      outcome: 'replayed',
      dead_letter: { state: 'replayed', resolution: { resolved_by: 'u-operator-1' } },
    });
    expect((await list('/capture/refused')).items).toMatchObject([
      { change_id: second?.['source_position'] },
    ]);
  });

  it('are not replayed when they are not kept any more', async () => {
    const letter = {
      created_at: new Date(),
      origin: 'capture',
      target: 'entity_changelog',
      reason: { code: 'capture.change-refused', message: 'refused' },
      attempts: 1,
      state: 'open',
      replayable: true,
      source_position: 'gone',
    };
    const { insertedId } = await server.mongo.collection('dead_letter_event').insertOne(letter);
    expect((await replay(insertedId)).body).toMatchObject({ status: 409, code: 'capture.change-not-kept' });
  });
});

describe('the routes of capture', () => {
  const paths = ['/capture', '/capture/tables', '/capture/consumers', '/capture/refused'];

  it.each(paths)('admit operators and administrators to %s only', async (path) => {
    for (const role of ['member', 'auditor'] as const)
      expect((await (await server.as('u-1', role))('GET', path)).status).toBe(403);
    expect((await (await server.as('u-admin-1', 'admin'))('GET', path)).status).toBe(200);
    expect((await server.call(`/api/v1${path}`)).status).toBe(401);
  });

  it.each([
    '/capture/tables?state=lost',
    '/capture/tables?cursor=x',
    '/capture/refused?limit=0',
    '/capture/refused?from=2026',
  ])('refuse %s', async (path) => expect((await operator('GET', path)).status).toBe(400));

  it("refuse another list's cursor", async () => {
    const { next_cursor } = await list('/capture/tables?limit=1');
    expect((await operator('GET', `/capture/refused?cursor=${next_cursor}`)).body).toMatchObject({
      code: 'cursor.invalid',
    });
  });
});
