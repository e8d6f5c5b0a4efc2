import { ForbiddenError, roleOver } from '@infratraq/kernel';
import { pageOf, pageQuery, timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import { granularities } from '../collections/analytics-aggregate.js';
import type { DashboardFigures } from './dashboard-figures.js';
import { tileKinds, tileStatuses } from '../collections/dashboard-snapshot.js';

const tile = z.object({
  tile_id: z.string(),
  title: z.string(),
  kind: z.enum(tileKinds),
  value: z.number().optional(),
  previous_value: z.number().optional(),
  target_value: z.number().optional(),
  unit: z.string().optional(),
  status: z.enum(tileStatuses),
  series: z.array(z.object({ at: timestamp, value: z.number() })).optional(),
  breakdown: z.array(z.object({ label: z.string(), value: z.number() })).optional(),
  rows: z.array(z.record(z.string(), z.unknown())).optional(),
});

const snapshot = z.object({
  dashboard_id: z.string(),
  scope: z.string(),
  tiles: z.array(tile),
  complete_until: timestamp.optional().describe('Changes up to this moment are in the figures'),
  stale_since: timestamp.optional().describe('A change since then is not in the figures'),
  computed_at: timestamp,
});

const figure = z.object({
  period_start: timestamp,
  period_end: timestamp,
  dimensions: z.record(z.string(), z.string()),
  count: z.number(),
  sum: z.number(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  percentiles: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).optional(),
  distinct_users: z.number().optional(),
  unit: z.string().optional(),
  is_complete: z.boolean().describe('False while the period is still running'),
  stale_since: timestamp.optional().describe('A change since then is not in the figures'),
  computed_at: timestamp,
});

/** Figures for dashboards: snapshots of tiles, and metrics over time. */
export const dashboardRoutes = defineRoutes<{ figures: DashboardFigures }>(async (app, { figures }) => {
  app.get(
    '/dashboards/:id/snapshot',
    {
      config: { access: 'scopes' },
      schema: {
        summary: 'Read the latest snapshot of a dashboard',
        tags: ['dashboards'],
        params: z.strictObject({ id: z.string().min(1).max(100) }),
        querystring: z.strictObject({
          scope: z.string().min(1).max(200).default('all').describe('all, or an entity as type:id'),
        }),
        response: { 200: snapshot },
      },
    },
    async ({ params: { id }, query: { scope }, entityAccess, actor }) => {
      if (!(await roleOver(entityAccess, actor, entityOf(scope))))
        throw new ForbiddenError(
          `The figures of ${scope} are of entities that you may not see`,
          'access.partial',
        );
      return figures.latestSnapshot(id, scope);
    },
  );

  app.get(
    '/analytics/:metric',
    {
      config: { access: 'everything' },
      schema: {
        summary: 'List the rollups of a metric, oldest first',
        tags: ['dashboards'],
        params: z.strictObject({ metric: z.string().min(1).max(200) }),
        querystring: pageQuery.extend({
          granularity: z.enum(granularities).default('daily'),
          from: timestamp.optional(),
          to: timestamp.optional(),
          total: z.stringbool().default(false).describe('Only the total, without its breakdown'),
        }),
        response: { 200: pageOf(figure) },
      },
    },
    async ({ params: { metric }, query: { cursor, limit, total, granularity, from, to } }) =>
      figures.listFigures(
        { metric, granularity, ...(from && { from }), ...(to && { to }), ...(total && { dimensions: {} }) },
        { cursor, limit },
      ),
  );
});

/** The entity of a scope; `*` stands for all. */
function entityOf(scope: string) {
  const at = scope.indexOf(':');
  if (at < 0) return { entity_type: '*', entity_id: '*' };
  return { entity_type: scope.slice(0, at), entity_id: scope.slice(at + 1) };
}
