import { filterByScopes, requireRole } from '@infratraq/kernel';
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
      config: { access: 'scopes' },
      schema: {
        summary: 'List my favourites of one kind',
        tags,
        querystring: z.strictObject({ kind: z.enum(favoriteKinds).default('pinned') }),
        response: { 200: z.object({ items: z.array(favoriteResponse) }) },
      },
    },
    async ({ query, entityAccess, actor }) => ({
      items: await favorites.list(actor.user_id, query.kind, await filterByScopes(entityAccess, actor)),
    }),
  );
  app.put(
    '/favorites',
    {
      config: { access: 'scopes', errors: [404] },
      schema: {
        summary: 'Add a favourite or bring it up to date',
        tags,
        body: favoriteSchema,
        response: { 200: favoriteResponse },
      },
    },
    async ({ body, entityAccess, actor }) => {
      await requireRole(entityAccess, actor, body, 'viewer');
      return favorites.put(actor.user_id, body, await entityAccess.scopesOfEntity(body));
    },
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
