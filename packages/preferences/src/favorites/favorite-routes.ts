import { requireActor, timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import { favoriteReferenceSchema, favoriteSchema } from './favorites.js';
import type { PreferenceServices } from '../open-preferences.js';
import { favoriteKinds } from '../collections/user-favorite.js';

/** One favourite. */
const favoriteResponse = z.object({
  ...favoriteSchema.shape,
  use_count: z.int(),
  last_used_at: timestamp,
  created_at: timestamp,
});

/** The caller's favourites. */
export const favoriteRoutes = defineRoutes<PreferenceServices>(async (app, { favorites }) => {
  const tags = ['favorites'];
  app.get(
    '/favorites',
    {
      config: { access: 'own' },
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
      config: { access: 'own' },
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
      config: { access: 'own' },
      schema: {
        summary: 'Remove a favourite',
        tags,
        querystring: favoriteReferenceSchema,
        response: { 200: z.object({ removed: z.boolean().describe('Whether it was there') }) },
      },
    },
    async ({ query }) => ({ removed: await favorites.remove(requireActor().user_id, query) }),
  );
});
