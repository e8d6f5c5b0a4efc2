import { requireActor, type Routes } from '@infratraq/transport';
import { z } from 'zod';
import { layoutSchema } from './dashboard-layouts.js';
import type { PreferenceServices } from './preferences.js';
import { layoutResponse, version } from './responses.js';

/** How whoever asks has arranged their dashboards. */
export const layoutRoutes: Routes<PreferenceServices> = async (app, { layouts }) => {
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
