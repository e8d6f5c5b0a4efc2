import fastifyStatic from '@fastify/static';
import fastifyPlugin from 'fastify-plugin';
import { fileURLToPath } from 'node:url';

const builtConsole = fileURLToPath(new URL('../../console/dist/', import.meta.url));

/** Serves the built console at `/`. */
export const serveConsole = fastifyPlugin(
  async (app) => {
    app.addHook('onRoute', (route) => {
      if (route.url === '/' || route.url === '/*') route.config = { ...route.config, public: true };
    });
    await app.register(fastifyStatic, { root: builtConsole, wildcard: false, globIgnore: ['**/*.map'] });
  },
  { name: 'infratraq-console', fastify: '5.x' },
);
