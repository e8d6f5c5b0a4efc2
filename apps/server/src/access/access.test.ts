import { eventually } from '@infratraq/engines';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

type Caller = Awaited<ReturnType<TestServer['as']>>;

let server: TestServer;
const callers: Record<string, Caller> = {};
// She works on project 1; he on project 2, which belongs to another organisation.
const hers = '/entities/work_orders/1';

beforeAll(async () => {
  server = await openTestServer();
  await server.postgres.pool.query('delete from infratraq.scope_rules');
  for (const user of ['u-engineer-1', 'u-engineer-2', 'u-engineer-3', 'u-manager-1', 'u-inspector-2'])
    callers[user] = await server.as(user, 'member');
  callers['u-operator-1'] = await server.as('u-operator-1', 'operator');
  await eventually(
    () => call('u-engineer-2', 'GET', `${hers}/comments`),
    ({ status }) => status === 404,
  );
});
afterAll(() => server.close());

const call = (user: string, method: string, path: string, body?: unknown) =>
  (callers[user] as Caller)<Record<string, unknown>>(method, path, body);
const statusOf = async (...asked: Parameters<typeof call>) => (await call(...asked)).status;

async function attach(user: string, path: string): Promise<{ status: number; body: { file_id: string } }> {
  const form = new FormData();
  form.set('file', new File(['crack: 2 mm'], 'findings.txt'));
  const authorization = `Bearer ${await server.tokenOf(user, ['member'])}`;
  return server.call(`/api/v1${path}`, { method: 'POST', body: form, headers: { authorization } });
}

describe('comments', () => {
  it('are for those who hold a scope of the entity', async () => {
    const { status, body } = await call('u-engineer-1', 'POST', `${hers}/comments`, {
      body: 'Crane at 7, @u-engineer-2 and @u-engineer-3',
    });
    expect(status).toBe(201);
    const { thread_id } = body['thread'] as { thread_id: string };
    for (const [method, path, sent] of [
      ['GET', '/comments'],
      ['POST', '/comments', { body: 'Which crane?', thread_id }],
      ['PUT', `/comments/${thread_id}/state`, { state: 'resolved' }],
      ['GET', `/comments/${thread_id}/subscriptions`],
      ['PUT', `/comments/${thread_id}/subscription`],
      ['GET', '/attachments'],
      ['GET', '/emails'],
      ['GET', '/emails/address'],
      ['GET', '/messages'],
    ] as const)
      expect([path, await statusOf('u-engineer-2', method, `${hers}${path}`, sent)]).toEqual([path, 404]);
    const mentioning = async (user: string) =>
      ((await call(user, 'GET', '/comments/mentions')).body['items'] as unknown[]).length;
    expect([await mentioning('u-engineer-3'), await mentioning('u-engineer-2')]).toEqual([1, 0]);
    // The work order moves to the project of the other.
    await server.postgres.pool.query(
      'update work_orders set project_id = 2, contract_id = null, asset_id = 2 where work_order_id = 1',
    );
    await eventually(
      () => mentioning('u-engineer-2'),
      (count) => count === 1,
    );
    expect(await mentioning('u-engineer-3')).toBe(0);
  });

  it('are read by viewers, written by members and removed by managers', async () => {
    const path = '/entities/assets/2/comments';
    expect(await statusOf('u-inspector-2', 'GET', path)).toBe(200);
    expect(await call('u-inspector-2', 'POST', path, { body: 'No' })).toMatchObject({
      status: 403,
      body: { code: 'access.role-too-low' },
    });
    const { body } = await call('u-engineer-1', 'POST', '/entities/assets/1/comments', { body: 'Mine' });
    const { thread, comment } = body as unknown as {
      thread: { thread_id: string };
      comment: { comment_id: string };
    };
    const one = `/entities/assets/1/comments/${thread.thread_id}/${comment.comment_id}`;
    expect(await statusOf('u-engineer-3', 'DELETE', one)).toBe(403);
    expect(await statusOf('u-manager-1', 'DELETE', one)).toBe(200);
  });
});

describe('files', () => {
  it('belong to who uploaded the first version; managers remove any', async () => {
    const path = '/entities/assets/1/attachments';
    const { body } = await attach('u-engineer-1', path);
    expect((await attach('u-engineer-2', path)).status).toBe(404);
    expect((await attach('u-engineer-3', `${path}/${body.file_id}/versions`)).status).toBe(201);
    expect(await statusOf('u-engineer-3', 'DELETE', `${path}/${body.file_id}`)).toBe(403);
    expect(await statusOf('u-manager-1', 'DELETE', `${path}/${body.file_id}`)).toBe(200);
    expect(await statusOf('u-engineer-1', 'POST', `${path}/${body.file_id}/restore`)).toBe(200);
  });
});

describe('scopes', () => {
  it('are opened and closed by their managers and operators, and by nobody else', async () => {
    const member = '/access/scopes/project:5/members/u-engineer-2';
    expect(await statusOf('u-engineer-2', 'PUT', member, { role: 'manager' })).toBe(404);
    expect(
      await statusOf('u-engineer-1', 'PUT', '/access/scopes/project:1/members/u-x', { role: 'viewer' }),
    ).toBe(403);
    expect(await statusOf('u-engineer-2', 'GET', '/entities/projects/5/comments')).toBe(404);
    expect(await statusOf('u-manager-1', 'PUT', member, { role: 'viewer' })).toBe(200);
    expect(await statusOf('u-engineer-2', 'GET', '/entities/projects/5/comments')).toBe(200);
    expect(
      (await call('u-engineer-2', 'GET', '/access/scopes/project:5/members')).body['items'],
    ).toMatchObject([{ user_id: 'u-engineer-2', role: 'viewer' }]);
    // Another client takes her out of it.
    await server.postgres.pool.query(`delete from infratraq.scope_members where scope = 'project:5'`);
    await eventually(
      () => statusOf('u-engineer-2', 'GET', '/entities/projects/5/comments'),
      (status) => status === 404,
    );
    expect(
      await statusOf('u-operator-1', 'PUT', '/access/scopes/project:99999/members/a', { role: 'viewer' }),
    ).toBe(404);
    expect(await statusOf('u-operator-1', 'PUT', '/access/scopes/*/members/a', { role: 'viewer' })).toBe(404);
  });

  it('are listed by table for operators', async () => {
    expect(await statusOf('u-manager-1', 'GET', '/access/coverage')).toBe(403);
    expect((await call('u-operator-1', 'GET', '/access/coverage')).body['items']).toContainEqual({
      entity_type: 'inspections',
      state: 'scoped',
      paths: expect.arrayContaining(['inspections.asset_id → assets.project_id → projects']),
      declared: false,
    });
  });
});
