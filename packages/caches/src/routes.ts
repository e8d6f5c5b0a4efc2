export { dashboardRoutes } from './dashboards/dashboard-routes.js';

import { pageOf, pageQuery, plainText, timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import type { CachedReports } from './reports/cached-reports.js';
import type { EntitySearch } from './search/entity-search.js';

const reportDescription = z.object({
  type: z.string(),
  title: z.string(),
  parameters: z.record(z.string(), z.unknown()).describe('JSON Schema of the parameters'),
  freshness_seconds: z.number(),
});

const reportResult = z.object({
  cache: z.enum(['hit', 'miss']),
  cache_key: z.string().describe('SHA-256 hex of type:json, as Python writes the JSON with sorted keys'),
  output: z.unknown(),
  expires_at: timestamp,
});

/** Reports: which there are, and one's output, from the cache where it is fresh. */
export const cacheRoutes = defineRoutes<{ reports: CachedReports }>(async (app, { reports }) => {
  app.get(
    '/reports',
    {
      schema: {
        summary: 'List the reports with the schemas of their parameters',
        tags: ['reports'],
        response: { 200: z.object({ items: z.array(reportDescription) }) },
      },
    },
    async () => ({
      items: reports.list().map(({ type, title, parameters, freshnessSeconds }) => ({
        type,
        title,
        parameters: z.toJSONSchema(parameters, { io: 'input', unrepresentable: 'any' }) as Record<
          string,
          unknown
        >,
        freshness_seconds: freshnessSeconds,
      })),
    }),
  );

  app.post(
    '/reports/:type',
    {
      schema: {
        summary: 'Run a report, or get its cached output',
        tags: ['reports'],
        params: z.strictObject({ type: z.string().min(1).max(200) }),
        body: z.strictObject({ params: z.record(z.string(), z.unknown()).default({}) }),
        response: { 200: reportResult },
      },
    },
    async (request) => reports.run(request.params.type, request.body.params),
  );
});

const foundEntity = z.object({
  entity_type: z.string(),
  entity_id: z.string(),
  title: z.string(),
  subtitle: z.string().optional(),
  url: z.string().optional(),
  keywords: z.array(z.string()),
  changed_at: timestamp.optional(),
});

const typedWords = plainText({ characters: 500, lines: true }).trim();
const entityType = z.string().min(1).max(100).optional().describe('Only entities of this type');

/** Search over all entities. */
export const searchRoutes = defineRoutes<{ search: EntitySearch }>(async (app, { search }) => {
  app.get(
    '/search',
    {
      schema: {
        summary: 'Find entities by their words, the best match first',
        tags: ['search'],
        querystring: pageQuery.extend({ q: typedWords, type: entityType }),
        response: { 200: pageOf(foundEntity) },
      },
    },
    async ({ query: { q, type, cursor, limit } }) =>
      search.search({ text: q, entity_type: type }, { cursor, limit }),
  );

  app.get(
    '/search/suggest',
    {
      schema: {
        summary: 'Suggest entities for what has been typed so far',
        tags: ['search'],
        querystring: z.strictObject({
          q: typedWords,
          type: entityType,
          limit: z.coerce.number().int().min(1).max(50).default(10),
        }),
        response: { 200: z.object({ items: z.array(foundEntity) }) },
      },
    },
    async ({ query: { q, type, limit } }) => ({
      items: await search.suggest({ prefix: q, entity_type: type }, limit),
    }),
  );
});
