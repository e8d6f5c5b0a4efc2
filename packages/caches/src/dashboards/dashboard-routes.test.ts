import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registerTransport } from '@infratraq/transport/fastify';
import { useModels } from '@infratraq/testing';
import fastify, { type FastifyInstance } from 'fastify';
import { AnalyticsAggregate } from '../collections/analytics-aggregate.js';
import { DashboardFigures, hashDimensions } from './dashboard-figures.js';
import { DashboardSnapshot } from '../collections/dashboard-snapshot.js';
import { documents } from '../example-documents.js';
import { dashboardRoutes } from '../routes.js';

const day = (number: number) => new Date(Date.UTC(2026, 4, number));

describe('the routes of dashboards', () => {
  const database = useModels(DashboardSnapshot, AnalyticsAggregate);
  let app: FastifyInstance;

  beforeAll(async () => {
    const { models } = database;
    app = fastify();
    await app.register(registerTransport, {
      authenticate: async (user) => ({ user_id: user, roles: ['member'] }),
      access: {
        // `outsider` sees project 42 alone.
        scopesOfActor: async ({ user_id }) => [
          { scope: user_id === 'outsider' ? 'project:42' : '*', role: 'member' },
        ],
        scopesOfEntity: async ({ entity_id }) => ['*', `project:${entity_id}`],
      },
    });
    await app.register(dashboardRoutes, { figures: new DashboardFigures({ models }) });
    // Ahead of the clock, so that no document expires while the suite runs.
    const soon = (minutes: number) => new Date(Date.now() + minutes * 60_000);
    const tiles = documents.DashboardSnapshot().tiles;
    await models.of(DashboardSnapshot).insertMany([
      { dashboard_id: 'portfolio', scope: 'all', tiles: [], computation_ms: 1, computed_at: soon(1) },
      { dashboard_id: 'portfolio', scope: 'all', tiles, computation_ms: 1, computed_at: soon(2) },
      { dashboard_id: 'portfolio', scope: 'projects:42', tiles: [], computation_ms: 1, computed_at: soon(3) },
    ]);
    await models.of(AnalyticsAggregate).insertMany(
      [1, 2, 3].flatMap((number) =>
        ([{}, { region: 'north' }] as Record<string, string>[]).map((dimensions) => ({
          metric: 'closed',
          granularity: 'daily' as const,
          period_start: day(number),
          period_end: day(number + 1),
          dimensions,
          dimensions_hash: hashDimensions(dimensions),
          count: number,
          sum: number,
          source: 'work_orders',
          computed_at: soon(1),
        })),
      ),
    );
  });
  afterAll(() => app.close());

  const get = (url: string) => app.inject({ url, headers: { authorization: 'Bearer token' } });

  it('give the latest snapshot of a dashboard for its scope', async () => {
    const snapshot = (await get('/dashboards/portfolio/snapshot')).json<{ tiles: { tile_id: string }[] }>();
    expect(snapshot.tiles.map(({ tile_id }) => tile_id)).toEqual(['overdue']);
    expect((await get('/dashboards/portfolio/snapshot?scope=projects:42')).json()).toMatchObject({
      tiles: [],
    });
    const none = await get('/dashboards/nothing/snapshot');
    expect(none.statusCode).toBe(404);
    expect(none.json()).toMatchObject({ code: 'dashboard.no-snapshot' });
  });

  it('give a metric over time, in total or broken down, page by page', async () => {
    const total = (await get('/analytics/closed?granularity=daily&total=true')).json();
    expect(total).toMatchObject({ items: [{ count: 1 }, { count: 2 }, { count: 3 }], next_cursor: null });
    const range = `from=${day(2).toISOString()}&to=${day(3).toISOString()}`;
    const within = (await get(`/analytics/closed?${range}`)).json<{ items: { dimensions: object }[] }>();
    expect(within.items.map(({ dimensions }) => dimensions)).toEqual(
      expect.arrayContaining([{}, { region: 'north' }]),
    );
    expect(within.items).toHaveLength(2);
    const first = (await get('/analytics/closed?total=true&limit=2')).json<{ next_cursor: string }>();
    const second = await get(`/analytics/closed?total=true&limit=2&cursor=${first.next_cursor}`);
    expect(second.json()).toMatchObject({ items: [{ count: 3 }], next_cursor: null });
  });

  it('are refused to those who see only some of what the figures are of', async () => {
    const statusOf = async (url: string) =>
      (await app.inject({ url, headers: { authorization: 'Bearer outsider' } })).statusCode;
    expect(await statusOf('/dashboards/portfolio/snapshot?scope=projects:42')).toBe(200);
    expect(await statusOf('/dashboards/portfolio/snapshot?scope=projects:43')).toBe(403);
    expect(await statusOf('/dashboards/portfolio/snapshot')).toBe(403);
    expect(await statusOf('/analytics/closed')).toBe(403);
  });

  it.each([
    '/analytics/closed?granularity=hourly',
    '/analytics/closed?from=yesterday',
    '/analytics/closed?cursor=nonsense',
    '/dashboards/portfolio/snapshot?scope[$gt]=',
  ])('refuse %s', async (url) => {
    expect((await get(url)).statusCode).toBe(400);
  });
});
