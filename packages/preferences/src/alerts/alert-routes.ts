import { requireActor, timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import { alertStatuses } from '../collections/user-alert-config-parts.js';
import type { PreferenceServices } from '../open-preferences.js';
import { versionSchema } from '../writing/check-input.js';
import { alertConditionSchema, alertConfigSchema } from './alert-config-schema.js';
import type { StoredAlertConfig } from './alert-configs.js';

const alertState = z.object({
  status: z.enum(alertStatuses),
  since: timestamp,
  last_value: z.union([z.number(), z.string(), z.boolean()]).nullable().optional(),
  last_evaluated_at: timestamp.optional(),
  last_fired_at: timestamp.optional(),
  last_cleared_at: timestamp.optional(),
  fired_count: z.int(),
});

/** One alert with its state. */
const alertResponse = z.object({
  ...alertConfigSchema.shape,
  condition: z.object(alertConditionSchema.shape),
  id: z.string(),
  version: versionSchema,
  state: alertState,
  entity_states: z
    .array(alertState.extend({ entity_id: z.string() }))
    .optional()
    .describe('Of an alert on every entity of a type: those that are not well'),
  created_at: timestamp,
  updated_at: timestamp,
});

/** The caller's alerts. */
export const alertRoutes = defineRoutes<PreferenceServices>(async (app, { alerts }) => {
  const tags = ['alerts'];
  const params = z.strictObject({ id: z.string().regex(/^[0-9a-f]{24}$/) });
  const response = { 200: alertResponse };
  app.get(
    '/alerts/configs',
    {
      config: { access: 'own' },
      schema: {
        summary: 'List my alerts, by name',
        tags,
        response: { 200: z.object({ items: z.array(alertResponse) }) },
      },
    },
    async () => ({ items: (await alerts.list(requireActor().user_id)).map(withId) }),
  );
  app.post(
    '/alerts/configs',
    {
      config: { access: 'own', errors: [404] },
      schema: {
        summary: 'Configure an alert',
        tags,
        body: alertConfigSchema,
        response: { 201: alertResponse },
      },
    },
    async ({ body }, reply) =>
      reply.status(201).send(withId(await alerts.create(requireActor().user_id, body))),
  );
  app.get(
    '/alerts/configs/:id',
    {
      config: { access: 'own' },
      schema: { summary: 'Read one of my alerts', tags, params, response },
    },
    async (request) => withId(await alerts.read(requireActor().user_id, request.params.id)),
  );
  app.put(
    '/alerts/configs/:id',
    {
      config: { access: 'own' },
      schema: {
        summary: 'Replace the configuration of one of my alerts',
        tags,
        params,
        body: z.strictObject({ version: z.int().min(1), config: alertConfigSchema }),
        response,
      },
    },
    async ({ params: { id }, body }) =>
      withId(await alerts.replace(requireActor().user_id, id, body.config, body.version)),
  );
  app.delete(
    '/alerts/configs/:id',
    {
      config: { access: 'own' },
      schema: {
        summary: 'Remove one of my alerts',
        tags,
        params,
        response: { 200: z.object({ removed: z.literal(true) }) },
      },
    },
    async (request) => {
      await alerts.remove(requireActor().user_id, request.params.id);
      return { removed: true as const };
    },
  );
});

/** Gives a stored alert its `id` as a string. */
function withId(stored: StoredAlertConfig): StoredAlertConfig & { id: string } {
  return { ...stored, id: String(stored._id) };
}
