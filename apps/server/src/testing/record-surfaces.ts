import { defineQueue, type JobQueue } from '@infratraq/postgres';
import { acknowledge } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import type { FastifyInstance, RouteOptions } from 'fastify';
import diagnostics from 'node:diagnostics_channel';
import type { Server as SocketServer } from 'socket.io';
import { z } from 'zod';
import type { Feature } from '../feature.js';
import { features } from '../index.js';

/** Everything by which a server is reached, as it registers it. */
export interface Surfaces {
  readonly routes: RouteOptions[];
  readonly queues: readonly JobQueue<object>[];
  io: SocketServer | undefined;
}

/** One of each kind that says nothing about access. */
export const straySurfaces = [
  'GET /api/v1/stray',
  'HEAD /api/v1/stray',
  'job stray',
  'event stray:ask of /stray',
];

const stray = defineRoutes(async (app) => {
  app.get('/stray', { schema: { hide: true } as object }, async () => ({}));
});

/** Records the surfaces of the servers that start from now on; their features are those of the product and a stray one. */
export function recordSurfaces() {
  const routes: RouteOptions[] = [];
  const listen = (message: unknown) =>
    (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', (route) => void routes.push(route));
  diagnostics.subscribe('fastify.initialization', listen);
  const feature: Feature<object, object> = {
    jobs: [defineQueue('stray')],
    open: ({ io, tokens }) => {
      surfaces.io = io;
      return {
        services: {},
        routes: async (api) => void (await api.register(stray)),
        gateways: (server) => {
          const namespace = server.of('/stray');
          namespace.use((socket, next) =>
            tokens.authenticate(String(socket.handshake.auth['token']), '').then(() => next(), next),
          );
          namespace.on('connection', (socket) =>
            socket.on(
              'stray:ask',
              acknowledge(z.strictObject({}), async () => undefined),
            ),
          );
        },
      };
    },
  };
  const composed = features.add('stray', feature);
  const surfaces: Surfaces = { routes, queues: composed.jobs, io: undefined };
  return { surfaces, composed, stop: () => diagnostics.unsubscribe('fastify.initialization', listen) };
}
