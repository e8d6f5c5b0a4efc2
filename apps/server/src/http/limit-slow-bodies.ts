import type { FastifyPluginCallback } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { IncomingMessage } from 'node:http';

/** The slowest that a body may arrive. */
export interface SlowBodyLimits {
  /** Bytes that must arrive in each window. */
  readonly bytes: number;
  readonly windowMilliseconds: number;
}

const slowest: SlowBodyLimits = { bytes: 10 * 1024, windowMilliseconds: 10_000 };

const plugin: FastifyPluginCallback<Partial<SlowBodyLimits>> = (app, options, done) => {
  const limits = { ...slowest, ...options };
  app.addHook('onRequest', (request, _reply, next) => {
    const { headers } = request.raw;
    if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined)
      watch(request.raw, limits);
    next();
  });
  done();
};

/** Cuts off clients that send a body drop by drop, which would hold its connection, and what waits for it, for hours. */
export const limitSlowBodies = fastifyPlugin(plugin, {
  name: 'infratraq-slow-bodies',
  fastify: '5.x',
});

function watch(request: IncomingMessage, { bytes, windowMilliseconds }: SlowBodyLimits): void {
  const { socket } = request;
  let before = socket.bytesRead;
  const check = setInterval(() => {
    if (request.complete || socket.destroyed) return clearInterval(check);
    // What has come and is not read yet waits for this server.
    const isAwaited = request.readableLength === 0;
    if (isAwaited && socket.bytesRead - before < bytes) socket.destroy();
    before = socket.bytesRead;
  }, windowMilliseconds).unref();
  request.once('close', () => clearInterval(check));
}
