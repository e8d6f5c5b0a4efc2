import type { FastifyInstance } from 'fastify';

/**
 * Keeps every response of a plugin out of caches and the request log. A copy there would outlive later declarations of
 * sensitive columns, and hold values that were shown unmasked on record.
 */
export function forbidStoring(app: Pick<FastifyInstance, 'addHook'>): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('cache-control', 'no-store');
    done();
  });
}
