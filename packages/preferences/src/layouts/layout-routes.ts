import { pageOf, pageQuery, requireActor } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import { layoutSchema } from './layout-schema.js';
import { shareAccesses } from '../collections/dashboard-layout.js';
import type { PreferenceServices } from '../open-preferences.js';
import { versionSchema as version } from '../writing/check-input.js';

/** One layout. */
const layoutResponse = z.object({
  ...layoutSchema.shape,
  layout_id: z.string().optional().describe('Absent at version 0'),
  user_id: z.string().describe('Whose it is'),
  dashboard_id: z.string(),
  version,
});

/** One layout, and the caller's access to it. */
const sharedLayoutResponse = layoutResponse.extend({ access: z.enum([...shareAccesses, 'own']) });

const tags = ['dashboards'];
const dashboard = z.string().min(1).max(100);
const layoutId = z.string().regex(/^[0-9a-f]{24}$/);

/** The caller's dashboard layouts, and layouts that others share with the caller. */
export const layoutRoutes = defineRoutes<PreferenceServices>(async (app, services) => {
  const { layouts } = services;
  const params = z.strictObject({ id: dashboard });
  const response = { 200: layoutResponse };
  app.get(
    '/dashboards/:id/layout',
    {
      config: { access: 'own' },
      schema: { summary: 'Read my layout of a dashboard', tags, params, response },
    },
    async (request) => layouts.read(requireActor().user_id, request.params.id),
  );
  app.put(
    '/dashboards/:id/layout',
    {
      config: { access: 'own' },
      schema: {
        summary: 'Replace my layout of a dashboard',
        tags,
        params,
        body: z.strictObject({ version, layout: layoutSchema }),
        response,
      },
    },
    async ({ params: { id }, body }) => layouts.write(requireActor(), id, body.layout, body.version),
  );
  app.post(
    '/dashboards/:id/layout/copy',
    {
      config: { access: 'own' },
      schema: {
        summary: 'Make a template, or a layout that is shared for copying, my layout of a dashboard',
        tags,
        params,
        body: z.strictObject({ layout_id: layoutId, version }),
        response,
      },
    },
    async ({ params: { id }, body }) => layouts.copy(requireActor(), body.layout_id, id, body.version),
  );
  await app.register(sharedLayoutRoutes, { services });
});

const sharedLayoutRoutes = defineRoutes<{ services: PreferenceServices }>(async (app, { services }) => {
  const { layouts } = services;
  const params = z.strictObject({ layout_id: layoutId });
  const response = { 200: sharedLayoutResponse };
  app.get(
    '/layouts',
    {
      config: { access: 'own' },
      schema: {
        summary: 'List my layouts, those shared with me, or templates',
        tags,
        querystring: pageQuery.extend({
          of: z
            .enum(['own', 'shared', 'templates'])
            .default('own')
            .describe(
              'Shared and templates are those of others, shared with me, my roles or my organisation',
            ),
        }),
        response: { 200: pageOf(sharedLayoutResponse) },
      },
    },
    async ({ query: { of, ...page } }) =>
      of === 'own'
        ? layouts.listOwn(requireActor().user_id, page)
        : layouts.listShared(requireActor(), of === 'templates', page),
  );
  app.get(
    '/layouts/:layout_id',
    {
      config: { access: 'own' },
      schema: { summary: 'Read a layout that is mine or shared with me', tags, params, response },
    },
    async (request) => layouts.readShared(requireActor(), request.params.layout_id),
  );
  app.put(
    '/layouts/:layout_id',
    {
      config: { access: 'own' },
      schema: {
        summary: 'Replace a layout that is mine or shared with me for editing',
        description: 'Whom it is shared with, and whether it is a template, is its owner’s affair',
        tags,
        params,
        body: z.strictObject({ version, layout: layoutSchema }),
        response,
      },
    },
    async ({ params: { layout_id }, body }) =>
      layouts.writeShared(requireActor(), layout_id, body.layout, body.version),
  );
});
