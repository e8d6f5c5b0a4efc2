import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import { readLink, type LinkSigning } from './serving/folder-links.js';
import type { ObjectStore } from './store/object-store.js';
import { sendObject } from './serving/send-object.js';

export { sendObject } from './serving/send-object.js';

/** What the route works with. */
interface ObjectRoutesOptions {
  readonly objects: ObjectStore;
  readonly signing: LinkSigning;
}

/** Serves the links that a folder's objects have; S3 and GCS serve their own. */
export const objectRoutes = defineRoutes<ObjectRoutesOptions>(async (app, { objects, signing }) => {
  app.get(
    '/objects',
    {
      config: { public: true, errors: [403, 404, 416] },
      schema: {
        summary: 'Fetch an object by its signed link',
        tags: ['objects'],
        querystring: z.strictObject({
          token: z.string().max(8_000).describe('Signed; holds key, disposition and expiry'),
        }),
        response: { 200: z.any().describe('The content'), 206: z.any().describe('The range asked for') },
      },
    },
    async (request, reply) => {
      const { key, disposition } = readLink(signing, request.query.token);
      return sendObject(request, reply, objects, key, disposition === undefined ? {} : { disposition });
    },
  );
});
