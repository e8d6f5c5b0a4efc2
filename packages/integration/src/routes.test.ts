import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '@infratraq/kernel';
import { useModels } from '@infratraq/testing';
import { registerTransport } from '@infratraq/transport/fastify';
import Fastify from 'fastify';
import { ApiRequestLog } from './collections/api-request-log.js';
import { exampleDocuments } from './example-documents.js';
import { integrationRoutes } from './routes.js';

const database = useModels(ApiRequestLog);
const app = Fastify();
const get = (query: string, token = 'operator') =>
  app.inject({ url: `/integrations/requests?${query}`, headers: { authorization: `Bearer ${token}` } });
const idsFor = async (query: string) => {
  const { items } = (await get(query)).json<{ items: { request_id: string }[] }>();
  return items.map(({ request_id }) => request_id);
};

beforeAll(async () => {
  const requests: Partial<ApiRequestLog>[] = [
    { request_id: 'a', route: '/one', status: 200, status_class: 2, user_id: 'mia' },
    { request_id: 'b', route: '/one', status: 500, status_class: 5, user_id: 'ben' },
    { request_id: 'c', route: '/two', status: 503, status_class: 5, user_id: 'mia' },
  ];
  await database.models.of(ApiRequestLog).create(
    requests.map((request, hour) => ({
      ...exampleDocuments.ApiRequestLog(),
      ...request,
      created_at: new Date(Date.UTC(2026, 0, 15, hour)),
    })),
  );
  await app.register(registerTransport, {
    authenticate: async (token) => ({ user_id: token, roles: [token as Role] }),
  });
  await app.register(integrationRoutes, { models: database.models });
});
afterAll(() => app.close());

describe('GET /integrations/requests', () => {
  it.each([
    ['', ['c', 'b', 'a']],
    ['route=/one', ['b', 'a']],
    ['status_class=5', ['c', 'b']],
    ['user_id=mia', ['c', 'a']],
    ['user_id=mia&route=/one&status_class=2', ['a']],
    ['route=/one&status_class=5', ['b']],
    ['from=2026-01-15T01:00:00Z&to=2026-01-15T02:00:00Z', ['b']],
  ])('lists the requests that match ?%s, newest first', async (query, ids) => {
    expect(await idsFor(query)).toEqual(ids);
  });

  it('continues with the cursor', async () => {
    const first = (await get('limit=2')).json();
    expect(await idsFor(`limit=2&cursor=${first.next_cursor}`)).toEqual(['a']);
  });

  it.each([
    'status_class=6',
    'user_id[$gt]=',
    'cursor=x',
    'from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
  ])('refuses ?%s', async (query) => expect((await get(query)).statusCode).toBe(400));

  it('is for operators and administrators only', async () => {
    expect((await get('', 'member')).statusCode).toBe(403);
    expect((await get('', 'auditor')).statusCode).toBe(403);
    expect((await get('', 'admin')).statusCode).toBe(200);
  });
});
