import type { Models, Stored } from '@infratraq/mongo';
import { pageOf, pageQuery, timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import { requestDirections, type ApiRequestLog } from './collections/api-request-log.js';
import { listRequests } from './requests/list-requests.js';

export { deadLetterRoutes } from './dead-letters/dead-letter-routes.js';

/** What the integration routes work with. */
interface IntegrationRoutesOptions {
  readonly models: Models;
}

const message = z.object({
  headers: z.array(z.object({ name: z.string(), value: z.string().optional() })),
  content_type: z.string().optional(),
  payload: z.string().optional().describe('Text, secrets replaced; absent for files and streams'),
  payload_bytes: z.number().optional().describe('Size of the whole payload'),
  payload_truncated: z.boolean().describe('Whether payload is only the beginning'),
});

const loggedRequest = z
  .object({
    id: z.string(),
    created_at: timestamp,
    direction: z.enum(requestDirections),
    method: z.string(),
    route: z.string().describe('The pattern of the route; `unmatched` when none answers'),
    path: z.string(),
    query: z.string().optional(),
    host: z.string().optional(),
    external_system: z.string().optional(),
    status: z.int().describe('0 when no response came'),
    duration_ms: z.number(),
    request: message,
    response: message.optional(),
    error_code: z.string().optional(),
    user_id: z.string().optional(),
    session_id: z.string().optional(),
    ip_address: z.string().optional(),
    request_id: z.string().optional(),
    cause_id: z.string().optional(),
  })
  .meta({ id: 'LoggedRequest' });

/** Routes over what was exchanged with other systems, for operators and administrators. */
export const integrationRoutes = defineRoutes<IntegrationRoutesOptions>(async (app, { models }) => {
  app.get(
    '/integrations/requests',
    {
      config: { roles: ['operator', 'admin'] },
      schema: {
        summary: 'Logged HTTP requests, newest first',
        tags: ['integration'],
        querystring: pageQuery.extend({
          route: z.string().min(1).max(500).optional().describe('The pattern of the route'),
          status_class: z.coerce.number().int().min(0).max(5).optional().describe("The status's first digit"),
          user_id: z.string().min(1).max(200).optional(),
          from: timestamp.optional().describe('Inclusive'),
          to: timestamp.optional().describe('Exclusive'),
        }),
        response: { 200: pageOf(loggedRequest) },
      },
    },
    async ({ query: { cursor, limit, ...conditions } }) => {
      const page = await listRequests(models, conditions, { cursor, limit });
      return { items: page.items.map(renderRequest), next_cursor: page.next_cursor };
    },
  );
});

function renderRequest({ _id, ...request }: Stored<ApiRequestLog>) {
  return { ...request, id: String(_id) };
}
