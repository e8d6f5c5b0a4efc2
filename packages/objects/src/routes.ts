import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import { verifyLink, type LinkSigning } from './folder-links.js';
import type { ObjectStore } from './object-store.js';
import { sendObject } from './send-object.js';

export { sendObject, type SendObjectOptions } from './send-object.js';

/** What the route works with. */
export interface ObjectRoutesOptions {
  readonly objects: ObjectStore;
  readonly signing: LinkSigning;
}

/** Serves the links that a folder's objects have; S3 and GCS serve their own. */
export const objectRoutes = defineRoutes<ObjectRoutesOptions>(async (app, { objects, signing }) => {
  app.get(
    '/objects',
    {
      config: { public: true },
      schema: {
        summary: 'Fetch an object by its signed link',
        tags: ['objects'],
        querystring: z.strictObject({
          key: z.string(),
          expires: z.coerce.number().int().describe('Seconds since 1970'),
          disposition: z.string().max(2_000).optional(),
          signature: z.string().max(100),
        }),
        response: { 200: z.any().describe('The content'), 206: z.any().describe('The range asked for') },
      },
    },
    async (request, reply) => {
      const { signature, ...link } = request.query;
      verifyLink(signing, link, signature);
      const { key, disposition } = link;
      return sendObject(request, reply, objects, key, disposition === undefined ? {} : { disposition });
    },
  );
});
