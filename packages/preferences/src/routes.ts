import { requireActor, type Routes } from '@infratraq/transport';
import { z } from 'zod';
import { alertConfigSchema } from './alert-config-schema.js';
import { layoutSchema } from './dashboard-layouts.js';
import { favoriteReferenceSchema, favoriteSchema } from './favorites.js';
import type { PreferenceServices } from './preferences.js';
import {
  alertResponse,
  favoriteResponse,
  layoutResponse,
  preferencesResponse,
  version,
  withId,
} from './responses.js';
import { settingsPatchSchema, settingsSchema } from './settings-schema.js';
import { favoriteKinds } from './user-favorite.js';

/** Settings, layouts, favourites and alerts of whoever asks; nobody reaches another user's. */
export const preferenceRoutes: Routes<PreferenceServices> = async (app, options) => {
  // Passed on as they are, the options would apply the prefix of this registration a second time.
  const { settings, layouts, favorites, alerts } = options;
  const services = { settings, layouts, favorites, alerts };
  await app.register(settingsRoutes, services);
  await app.register(layoutRoutes, services);
  await app.register(favoriteRoutes, services);
  await app.register(alertRoutes, services);
};

const settingsRoutes: Routes<PreferenceServices> = async (app, { settings }) => {
  const tags = ['preferences'];
  const response = { 200: preferencesResponse };
  app.get('/preferences', { schema: { summary: 'Read my settings', tags, response } }, async () =>
    settings.read(requireActor().user_id),
  );
  app.put(
    '/preferences',
    {
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
      schema: {
        summary: 'Change some of my settings; null takes one back to its default',
        tags,
        body: z.strictObject({ version, settings: settingsPatchSchema.partial() }),
        response,
      },
    },
    async ({ body }) => settings.patch(requireActor().user_id, body.settings, body.version),
  );
};

const layoutRoutes: Routes<PreferenceServices> = async (app, { layouts }) => {
  const tags = ['dashboards'];
  const params = z.strictObject({ id: z.string().min(1).max(100) });
  const response = { 200: layoutResponse };
  app.get(
    '/dashboards/:id/layout',
    { schema: { summary: 'Read my layout of a dashboard', tags, params, response } },
    async (request) => layouts.read(requireActor().user_id, request.params.id),
  );
  app.put(
    '/dashboards/:id/layout',
    {
      schema: {
        summary: 'Replace my layout of a dashboard',
        tags,
        params,
        body: z.strictObject({ version, layout: layoutSchema }),
        response,
      },
    },
    async ({ params: { id }, body }) => layouts.write(requireActor().user_id, id, body.layout, body.version),
  );
};

const favoriteRoutes: Routes<PreferenceServices> = async (app, { favorites }) => {
  const tags = ['favorites'];
  app.get(
    '/favorites',
    {
      schema: {
        summary: 'List my favourites of one kind',
        tags,
        querystring: z.strictObject({ kind: z.enum(favoriteKinds).default('pinned') }),
        response: { 200: z.object({ items: z.array(favoriteResponse) }) },
      },
    },
    async ({ query }) => ({ items: await favorites.list(requireActor().user_id, query.kind) }),
  );
  app.put(
    '/favorites',
    {
      schema: {
        summary: 'Add a favourite or bring it up to date',
        tags,
        body: favoriteSchema,
        response: { 200: favoriteResponse },
      },
    },
    async ({ body }) => favorites.put(requireActor().user_id, body),
  );
  app.delete(
    '/favorites',
    {
      schema: {
        summary: 'Remove a favourite',
        tags,
        querystring: favoriteReferenceSchema,
        response: { 200: z.object({ removed: z.boolean().describe('Whether it was there') }) },
      },
    },
    async ({ query }) => ({ removed: await favorites.remove(requireActor().user_id, query) }),
  );
};

const alertRoutes: Routes<PreferenceServices> = async (app, { alerts }) => {
  const tags = ['alerts'];
  const params = z.strictObject({ id: z.string().regex(/^[0-9a-f]{24}$/) });
  const response = { 200: alertResponse };
  app.get(
    '/alerts/configs',
    {
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
    { schema: { summary: 'Read one of my alerts', tags, params, response } },
    async (request) => withId(await alerts.read(requireActor().user_id, request.params.id)),
  );
  app.put(
    '/alerts/configs/:id',
    {
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
};
