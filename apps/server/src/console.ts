import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsync } from 'fastify';
import { fileURLToPath } from 'node:url';

const builtConsole = fileURLToPath(new URL('../../console/dist/', import.meta.url));

/** Serves the built console at `/`; its files are for everybody, what they show needs a token. */
export const serveConsole: FastifyPluginAsync = async (app) => {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, public: true };
    route.schema = { ...route.schema, hide: true };
  });
  await app.register(fastifyStatic, { root: builtConsole, wildcard: false, globIgnore: ['**/*.map'] });
};
