import { eventually } from '@infratraq/engines';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { io } from 'socket.io-client';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

type Caller = Awaited<ReturnType<TestServer['as']>>;

let server: TestServer;
let hers: Caller;
let his: Caller;
let operator: Caller;
const asset = { entity_type: 'assets', entity_id: '1' };

// She works on project 1, where asset 1 is; he on project 2, of another organisation.
beforeAll(async () => {
  server = await openTestServer();
  await server.postgres.pool.query('delete from infratraq.scope_rules');
  hers = await server.as('u-engineer-1', 'member');
  his = await server.as('u-engineer-2', 'member');
  operator = await server.as('u-operator-1', 'operator');
  await eventually(
    () => his('GET', '/entities/assets/1/comments'),
    ({ status }) => status === 404,
  );
});
afterAll(() => server.close());

const moveAsset = (project: number) =>
  server.postgres.pool.query('update assets set project_id = $1 where asset_id = 1', [project]);

async function attach(): Promise<string> {
  const form = new FormData();
  form.set('file', new File(['crack: 2 mm'], 'findings.txt'));
  const authorization = `Bearer ${await server.tokenOf('u-engineer-1', ['member'])}`;
  const { body } = await server.call<{ file_id: string }>('/api/v1/entities/assets/1/attachments', {
    method: 'POST',
    body: form,
    headers: { authorization },
  });
  return body.file_id;
}

const titlesOf = async (caller: Caller, path: string) =>
  ((await caller(`GET`, path)).body['items'] as { title: string }[]).map(({ title }) => title);

describe('who loses access to an entity', () => {
  it('loses links, favourites and search with it, and whoever gains it finds it', async () => {
    const file = await attach();
    const link = async (caller: Caller) =>
      (await caller<{ url: string }>('POST', `/entities/assets/1/attachments/${file}/links`, {})).body.url;
    const [hersToAsset, operators] = [await link(hers), await link(operator)];
    const statusOf = async (url: string) => (await server.call(url)).status;
    expect([await statusOf(hersToAsset), await statusOf(operators)]).toEqual([200, 200]);
    const favorite = { kind: 'pinned', ...asset, title: 'Bearing' };
    expect((await hers('PUT', '/favorites', favorite)).status).toBe(200);
    expect((await his('PUT', '/favorites', favorite)).status).toBe(404);
    await server.postgres.pool.query(`update assets set tag = 'wombat' where asset_id = 1`);
    await eventually(
      () => titlesOf(hers, '/search/suggest?q=wombat'),
      (titles) => titles.length === 1,
    );
    expect(await titlesOf(his, '/search/suggest?q=wombat')).toEqual([]);
    await moveAsset(2);
    await eventually(
      () => titlesOf(his, '/search/suggest?q=wombat'),
      (titles) => titles.length === 1,
    );
    expect(await titlesOf(hers, '/search/suggest?q=wombat')).toEqual([]);
    await eventually(
      () => titlesOf(hers, '/favorites?kind=pinned'),
      (titles) => titles.length === 0,
    );
    expect([await statusOf(hersToAsset), await statusOf(operators)]).toEqual([403, 200]);
    await moveAsset(1);
    await eventually(
      () => titlesOf(hers, '/favorites?kind=pinned'),
      (titles) => titles.length === 1,
    );
    expect(await statusOf(hersToAsset)).toBe(200);
    await server.postgres.pool.query(
      `update infratraq.users set status = 'suspended' where user_id = 'u-operator-1'`,
    );
    expect(await statusOf(operators)).toBe(403);
    await server.postgres.pool.query(
      `update infratraq.users set status = 'active' where user_id = 'u-operator-1'`,
    );
  });

  it('is told nothing about it: neither as mentioned, nor as follower, nor by alerts', async () => {
    const watched = (entity_id?: string) => ({
      name: `Asset ${entity_id ?? 'any'}`,
      kind: 'entity',
      entity_type: 'assets',
      ...(entity_id !== undefined && { entity_id }),
      field: 'kind',
      condition: { operator: 'changed' },
      channels: ['in_app'],
    });
    expect((await his('POST', '/alerts/configs', watched('1'))).status).toBe(404);
    const metric = {
      name: 'Requests',
      kind: 'metric',
      metric: 'requests',
      metric_source: 'analytics_aggregate',
      condition: { operator: 'gt', threshold: 1 },
      channels: ['in_app'],
    };
    expect((await his('POST', '/alerts/configs', metric)).body['code']).toBe('alerts.not-watchable');
    expect((await operator('POST', '/alerts/configs', metric)).status).toBe(201);
    for (const caller of [hers, his, operator])
      expect((await caller('POST', '/alerts/configs', watched())).status).toBe(201);
    await hers('POST', '/entities/assets/1/comments', { body: 'Look, @u-engineer-2 and @u-engineer-3' });
    await server.postgres.pool.query(`update assets set kind = 'culvert' where asset_id = 1`);
    const told = async (caller: Caller) =>
      (await caller<{ items: { type: string }[] }>('GET', '/notifications')).body.items.map(
        ({ type }) => type,
      );
    const third = await server.as('u-engineer-3', 'member');
    await eventually(
      () => told(third),
      (types) => types.includes('comment.mentioned'),
    );
    await eventually(
      async () => [await told(hers), await told(operator)],
      (both) => both.every((types) => types.some((type) => type.startsWith('alert'))),
    );
    expect(await told(his)).toEqual([]);
  });
});

it('shows each caller the reports of what the caller sees', async () => {
  const costs = async (caller: Caller) => {
    const { body } = await caller<{ cache_key: string; output: { projects: { project_id: number }[] } }>(
      'POST',
      '/reports/project_costs',
      {},
    );
    return { key: body.cache_key, projects: body.output.projects.map(({ project_id }) => project_id).sort() };
  };
  const [all, part, other] = [await costs(operator), await costs(hers), await costs(his)];
  expect([part.projects, other.projects]).toEqual([
    [1, 3],
    [2, 4],
  ]);
  expect(all.projects.length).toBeGreaterThan(4);
  expect(new Set([all.key, part.key, other.key]).size).toBe(3);
  const results = (params: object) => hers('POST', '/reports/inspection_results', { params });
  expect((await results({})).status).toBe(200);
  expect([(await results({ project_id: 1 })).status, (await results({ project_id: 2 })).status]).toEqual([
    200, 403,
  ]);
  const counted = async (caller: Caller) => {
    const { body } = await caller<{ output: { results: { inspections: number }[] } }>(
      'POST',
      '/reports/inspection_results',
      {},
    );
    return body.output.results.reduce((sum, { inspections }) => sum + inspections, 0);
  };
  expect((await counted(hers)) + (await counted(his))).toBeLessThan(await counted(operator));
});

it('takes files into messages that exist and that the sender sees, and no others', async () => {
  const file = await attach();
  const send = async (user: string, attachment_id: string) => {
    const caller = await server.as(user, 'member');
    const { body } = await caller<{ channel_id: string }>('POST', '/channels', { title: 'Files' });
    const socket = io(new URL('/chat', server.url).href, {
      auth: { token: await server.tokenOf(user, ['member']) },
      forceNew: true,
    });
    const answer = (await socket.timeout(10_000).emitWithAck('message:send', {
      channel: body.channel_id,
      client_message_id: 'm-1',
      body: '',
      attachments: [{ attachment_id, file_name: 'a.txt', content_type: 'text/plain', size_bytes: 1 }],
    })) as { ok: boolean; error?: { code: string } };
    socket.disconnect();
    return answer.error?.code ?? 'sent';
  };
  expect(await send('u-engineer-1', file)).toBe('sent');
  expect(await send('u-engineer-2', file)).toBe('message.attachment-unknown');
  expect(await send('u-engineer-3', 'f-none')).toBe('message.attachment-unknown');
});
