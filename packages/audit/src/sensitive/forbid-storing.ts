import type { FastifyInstance } from 'fastify';

/**
 * States for every answer of a plugin that it is kept nowhere: neither in a cache nor in the request log. A copy there
 * would outlive what is declared sensitive later on, and hold what was shown unmasked on record.
 */
export function forbidStoring(app: Pick<FastifyInstance, 'addHook'>): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('cache-control', 'no-store');
    done();
  });
}
