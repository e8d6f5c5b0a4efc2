import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accessForAllMembers, hours, openScope, type EntityAccess } from '@infratraq/kernel';
import { registerTransport } from '@infratraq/transport/fastify';
import { useModels } from '@infratraq/testing';
import fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { CachedReports } from './reports/cached-reports.js';
import { EntitySearch } from './search/entity-search.js';
import { reportCacheKey } from './reports/report-cache-key.js';
import { defineReport } from './reports/report-definition.js';
import { ReportCache } from './collections/report-cache.js';
import { cacheRoutes, searchRoutes } from './routes.js';
import { SearchIndexCache } from './collections/search-index-cache.js';

const overview = defineReport({
  type: 'overview',
  title: 'All projects',
  parameters: z.strictObject({}),
  freshnessSeconds: hours(1),
  scoped: true,
  generate: async (_parameters, { scopes }) => ({ scopes }),
});

const progress = defineReport({
  type: 'project_progress',
  title: 'Progress of a project',
  parameters: z.strictObject({ project_id: z.string(), until: z.coerce.date().optional() }),
  freshnessSeconds: hours(1),
  about: ({ project_id }) => ({ entity_type: 'projects', entity_id: project_id }),
  generate: async ({ project_id }) => ({ project_id, percent: 40 }),
});

// Everybody sees all, but `outsider` only what belongs to project 2.
const access: EntityAccess = {
  scopesOfActor: async (actor) =>
    actor.user_id === 'outsider'
      ? [{ scope: 'project:2', role: 'member' }]
      : accessForAllMembers.scopesOfActor(actor),
  scopesOfEntity: async ({ entity_id }) => [openScope, `project:${entity_id}`],
};

describe('the routes of reports and search', () => {
  const database = useModels(ReportCache, SearchIndexCache);
  let app: FastifyInstance;

  beforeAll(async () => {
    const { models, mongo } = database;
    app = fastify();
    await app.register(registerTransport, {
      authenticate: async (user) => ({ user_id: user, roles: ['member'] }),
      access,
    });
    await app.register(cacheRoutes, {
      reports: new CachedReports({ models, reports: [progress, overview] }),
    });
    await app.register(searchRoutes, {
      search: new EntitySearch({ models, capabilities: mongo.capabilities }),
    });
    await models.of(SearchIndexCache).insertMany(
      [
        { entity_id: '1', title: 'Bridge over the Elbe', suggest_terms: ['bridge over the elbe', 'elbe'] },
        { entity_id: '2', title: 'Tunnel', body: 'beside the bridge', suggest_terms: ['tunnel', 'br-7'] },
        { entity_id: '3', title: 'Depot', suggest_terms: ['depot'] },
      ].map((entry) => ({
        ...entry,
        entity_type: 'projects',
        keywords: [],
        scopes: [openScope, `project:${entry.entity_id}`],
        indexed_at: new Date(),
      })),
    );
  });
  afterAll(() => app.close());

  const authorization = 'Bearer token';
  const get = (url: string) => app.inject({ url, headers: { authorization } });
  const post = (url: string, payload: object) =>
    app.inject({ method: 'POST', url, payload, headers: { authorization } });

  it('lists the reports with the JSON Schema of their parameters', async () => {
    const answer = await get('/reports');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      items: [
        { type: 'project_progress', parameters: { required: ['project_id'], type: 'object' } },
        { type: 'overview' },
      ],
    });
  });

  it('runs a report once and serves it from the cache after that', async () => {
    const first = await post('/reports/project_progress', { params: { project_id: '42' } });
    expect(first.json()).toMatchObject({ cache: 'miss', output: { project_id: '42', percent: 40 } });
    const second = await post('/reports/project_progress', { params: { project_id: '42' } });
    expect(second.json()).toEqual({ ...first.json<object>(), cache: 'hit' });
  });

  it.each([
    ['an unknown type', '/reports/nothing', { params: {} }, 404, 'report.unknown-type'],
    ['missing parameters', '/reports/project_progress', {}, 400, 'report.invalid-parameters'],
    [
      'unknown parameters',
      '/reports/project_progress',
      { params: { project_id: '1', x: 1 } },
      400,
      'report.invalid-parameters',
    ],
    [
      'an operator',
      '/reports/project_progress',
      { params: { project_id: { $gt: '' } } },
      400,
      'report.invalid-parameters',
    ],
    [
      'unknown members of the body',
      '/reports/project_progress',
      { params: {}, now: 1 },
      400,
      'input.invalid',
    ],
    ['parameters that are no object', '/reports/project_progress', { params: [] }, 400, 'input.invalid'],
  ])('refuses %s', async (_case, url, payload, status, code) => {
    const before = await database.models.of(ReportCache).countDocuments();
    const answer = await post(url, payload);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ code });
    expect(await database.models.of(ReportCache).countDocuments()).toBe(before);
  });

  it('refuses callers without a token', async () => {
    expect((await app.inject('/reports')).statusCode).toBe(401);
    expect((await app.inject('/search/suggest?q=br')).statusCode).toBe(401);
  });

  it('runs reports for those who may see what they are about', async () => {
    const run = (user: string, project_id: string) =>
      app.inject({
        method: 'POST',
        url: '/reports/project_progress',
        payload: { params: { project_id } },
        headers: { authorization: `Bearer ${user}` },
      });
    expect((await run('outsider', '2')).statusCode).toBe(200);
    const refused = await run('outsider', '3');
    expect([refused.statusCode, refused.json<object>()]).toMatchObject([403, { code: 'access.partial' }]);
  });

  it('runs scoped reports for the scopes of the caller, and caches each by them', async () => {
    const run = async (user: string) =>
      (
        await app.inject({
          method: 'POST',
          url: '/reports/overview',
          payload: {},
          headers: { authorization: `Bearer ${user}` },
        })
      ).json<{ cache: string; cache_key: string; output: object }>();
    const all = await run('u-1');
    expect(all).toMatchObject({
      cache: 'miss',
      output: { scopes: 'all' },
      cache_key: reportCacheKey('overview', {}),
    });
    const part = await run('outsider');
    expect(part).toMatchObject({ cache: 'miss', output: { scopes: ['project:2'] } });
    expect(part.cache_key).not.toBe(all.cache_key);
    expect(await run('outsider')).toMatchObject({ cache: 'hit', output: { scopes: ['project:2'] } });
  });

  it('suggests what the caller may see', async () => {
    const headers = { authorization: 'Bearer outsider' };
    const answer = await app.inject({ url: '/search/suggest?q=br', headers });
    expect(answer.json<{ items: object[] }>().items).toMatchObject([{ title: 'Tunnel' }]);
    const one = await app.inject({ url: '/search/suggest?q=depot&limit=1', headers });
    expect(one.json()).toEqual({ items: [] });
  });

  it('suggests entities for what has been typed, in any letter case, on every engine', async () => {
    const titles = async (url: string) =>
      (await get(url)).json<{ items: { title: string }[] }>().items.map(({ title }) => title);
    expect((await titles('/search/suggest?q=BR')).sort()).toEqual(['Bridge over the Elbe', 'Tunnel']);
    expect(await titles('/search/suggest?q=elb&type=projects')).toEqual(['Bridge over the Elbe']);
    expect(await titles('/search/suggest?q=elb&type=assets')).toEqual([]);
    expect(await titles('/search/suggest?q=.*')).toEqual([]);
    expect((await titles('/search/suggest?q=br&limit=1')).length).toBe(1);
  });

  it('searches by words where the engine has text indexes, and says clearly where it has none', async () => {
    const answer = await get('/search?q=bridge');
    if (database.mongo.capabilities.text) {
      const { items } = answer.json<{ items: { title: string }[] }>();
      expect(items.map(({ title }) => title)).toEqual(['Bridge over the Elbe', 'Tunnel']);
    } else {
      expect(answer.statusCode).toBe(503);
      expect(answer.json()).toMatchObject({ code: 'search.text-unavailable' });
    }
  });

  it.each([
    ['any of the words, the heavier field first', 'bridge elbe', ['Bridge over the Elbe', 'Tunnel']],
    ['a phrase', '"beside the bridge"', ['Tunnel']],
    ['a phrase that nothing has', '"elbe bridge"', []],
    ['a word but not another', 'bridge -tunnel', ['Bridge over the Elbe']],
    ['another form of the word', 'tunnels', ['Tunnel']],
    ['a word that nothing has', 'harbour', []],
  ])('searches for %s, where the engine has text indexes', async (_what, words, expected) => {
    const answer = await get(`/search?q=${encodeURIComponent(words)}`);
    const { text } = database.mongo.capabilities;
    expect(answer.statusCode).toBe(text ? 200 : 503);
    const { items } = answer.json<{ items?: { title: string }[] }>();
    expect(items?.map(({ title }) => title)).toEqual(text ? expected : undefined);
  });

  it('pages through what it found by score, each once, where the engine has text indexes', async () => {
    const first = await get('/search?q=bridge&limit=1');
    const { text } = database.mongo.capabilities;
    expect(first.statusCode).toBe(text ? 200 : 503);
    if (!text) return;
    const { next_cursor } = first.json<{ next_cursor: string }>();
    const second = await get(`/search?q=bridge&limit=1&cursor=${next_cursor}`);
    expect([first, second].map((answer) => answer.json<{ items: unknown[] }>().items)).toMatchObject([
      [{ title: 'Bridge over the Elbe' }],
      [{ title: 'Tunnel' }],
    ]);
    expect(second.json()).toMatchObject({ next_cursor: null });
  });

  it.each(['/search', '/search?q=', '/search?q=a&limit=0', '/search?q[$gt]=a', '/search/suggest?q=a&x=1'])(
    'refuses %s',
    async (url) => {
      expect((await get(url)).statusCode).toBe(400);
    },
  );
});
