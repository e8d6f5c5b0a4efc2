import { ForbiddenError } from '@infratraq/kernel';
import { requireActor } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import type { PreferenceServices } from '../open-preferences.js';
import { versionSchema as version } from '../writing/check-input.js';
import { settingSources } from './effective-settings.js';
import { settingsPatchSchema, settingsSchema } from './settings-schema.js';
import { ruleTopicSchema } from '../notification-matrix/rule-schema.js';

const source = z.enum(settingSources);

/** What holds for the user, and why. */
const preferencesResponse = z.object({
  user_id: z.string(),
  version,
  settings: settingsSchema.describe('What holds, the defaults included'),
  own: settingsSchema.describe('What the user has set'),
  sources: z.record(z.string(), source).describe('Where each value in settings comes from'),
});

/** Why each setting holds. */
const explainedResponse = z.object({
  items: z.array(
    z.object({
      setting: settingsSchema.keyof(),
      topic: ruleTopicSchema.optional().describe('Which row, for the notification matrix'),
      value: z.unknown(),
      source,
      overridden: z
        .array(z.object({ source, value: z.unknown() }))
        .describe('What would hold without it, nearest first'),
    }),
  ),
});

/** An organisation's default settings. */
const organisationResponse = z.object({
  organisation_id: z.string(),
  version,
  settings: settingsSchema,
});

const tags = ['preferences'];

/** The caller's settings, and the defaults of organisations. */
export const settingsRoutes = defineRoutes<PreferenceServices>(async (app, services) => {
  const { settings } = services;
  const response = { 200: preferencesResponse };
  app.get(
    '/preferences',
    {
      config: { access: 'own' },
      schema: { summary: 'Read my settings', tags, response },
    },
    async () => settings.read(requireActor().user_id),
  );
  app.get(
    '/preferences/explained',
    {
      config: { access: 'own' },
      schema: {
        summary: 'Read where each of my settings comes from, and what it stands before',
        tags,
        response: { 200: explainedResponse },
      },
    },
    async () => ({ items: await settings.explain(requireActor().user_id) }),
  );
  app.put(
    '/preferences',
    {
      config: { access: 'own' },
      schema: {
        summary: 'Replace my settings as a whole',
        tags,
        body: z.strictObject({ version, settings: settingsSchema }),
        response,
      },
    },
    async ({ body }) => settings.replace(requireActor().user_id, body.settings, body.version),
  );
  app.patch(
    '/preferences',
    {
      config: { access: 'own' },
      schema: {
        summary: 'Change some of my settings; null takes one back to its default',
        tags,
        body: z.strictObject({ version, settings: settingsPatchSchema.partial() }),
        response,
      },
    },
    async ({ body }) => settings.patch(requireActor().user_id, body.settings, body.version),
  );
  app.put(
    '/preferences/mutes',
    {
      config: { access: 'own' },
      schema: {
        summary: 'Silence a type of notification, or what it says of one entity; the channels are kept',
        tags,
        body: ruleTopicSchema,
        response,
      },
    },
    async ({ body }) => settings.mute(requireActor().user_id, body),
  );
  app.delete(
    '/preferences/mutes',
    {
      config: { access: 'own' },
      schema: {
        summary: 'Take a silence back; the channels are those from before',
        tags,
        querystring: ruleTopicSchema,
        response,
      },
    },
    async ({ query }) => settings.unmute(requireActor().user_id, query),
  );
  await app.register(organisationRoutes, { services });
});

const organisationRoutes = defineRoutes<{ services: PreferenceServices }>(async (app, { services }) => {
  const { organisations } = services;
  const params = z.strictObject({ id: z.string().min(1).max(200) });
  const response = { 200: organisationResponse };
  app.get(
    '/organisations/:id/preferences',
    {
      config: { access: 'own' },
      schema: {
        summary: 'Read the settings that an organisation has laid down for its people',
        description: 'For people of the organisation, and the roles operator and admin',
        tags,
        params,
        response,
      },
    },
    async ({ params: { id } }) => {
      const { user_id, roles } = requireActor();
      const isOffice = roles.includes('operator') || roles.includes('admin');
      if (!isOffice && (await organisations.organisationOf(user_id)) !== id)
        throw new ForbiddenError(`You do not belong to organisation ${id}`, 'organisations.foreign');
      return organisations.read(id);
    },
  );
  app.put(
    '/organisations/:id/preferences',
    {
      config: { roles: ['admin'] },
      schema: {
        summary: 'Replace the settings that an organisation has laid down for its people',
        tags,
        params,
        body: z.strictObject({ version, settings: settingsSchema }),
        response,
      },
    },
    async ({ params: { id }, body }) => organisations.replace(id, body.settings, body.version),
  );
});
