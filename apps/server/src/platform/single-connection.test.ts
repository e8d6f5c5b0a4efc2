import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

interface Page {
  items: Record<string, unknown>[];
}

let server: TestServer;
beforeAll(async () => {
  // What asked for a second connection while it held this one would wait until it is refused.
  server = await openTestServer({ POSTGRES_MAX_CONNECTIONS: '1', DATABASE_WAIT_SECONDS: '30' });
}, 60_000);
afterAll(() => server.close());

it('does everything with a single connection to PostgreSQL, many at once', async () => {
  const operator = await server.as('u-operator-1', 'operator');
  const member = await server.as('u-manager-1', 'member');
  const data = { entity_type: 'projects', entity_id: '1', thread_id: 't', comment_id: 'c' };
  const notify = (place: number) =>
    operator('POST', '/notifications', {
      to: { users: ['u-manager-1'] },
      type: 'comment.added',
      data: { ...data, author_id: 'u-operator-1', excerpt: `Comment ${place}` },
      channels: ['in_app'],
      idempotency_key: `comment ${place}`,
      ...(place % 2 === 0 && { collapse_key: 'comments' }),
    });
  const requests = Array.from({ length: 20 }, (_, place) => [
    notify(place),
    member('GET', '/preferences'),
    member('GET', '/channels/site-safety/messages'),
    member('POST', '/reports/project_costs', { params: {} }),
    operator('GET', '/collections'),
  ]).flat();
  const answers = await Promise.all(requests);
  expect(answers.filter(({ status }) => status >= 400)).toEqual([]);
  await eventually(
    () => member<Page>('GET', '/notifications'),
    // Ten of their own, and ten in one.
    ({ body }) => body.items.length === 11,
  );
}, 60_000);

it('plans and applies the restoring of a row with it', async () => {
  const operator = await server.as('u-operator-1', 'operator', 'auditor');
  const listChanges = () => operator<Page>('GET', '/audit/changes?entity_type=projects&entity_id=1');
  for (const name of ['Renamed', 'Renamed again'])
    await server.postgres.pool.query('update projects set name = $1 where project_id = 1', [name]);
  const { body } = await eventually(
    listChanges,
    (changes) => changes.body.items.filter(({ operation }) => operation === 'UPDATE').length === 2,
  );
  const order = { change_id: body.items[1]?.['id'] ?? body.items[1]?.['_id'] };
  const place = '/audit/entities/projects/1/restore';
  const planned = await operator('POST', place, order);
  expect(planned).toMatchObject({ status: 200, body: { action: 'update' } });
  const applied = { ...order, apply: true, plan_id: planned.body['plan_id'], reason: 'renamed by mistake' };
  expect(await operator('POST', place, applied)).toMatchObject({ status: 200 });
});
