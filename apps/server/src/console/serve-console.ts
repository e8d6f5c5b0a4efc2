import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsync } from 'fastify';
import { fileURLToPath } from 'node:url';

const builtConsole = fileURLToPath(new URL('../../../console/dist/', import.meta.url));
/** The first segment of any page's path: lower-case words that nothing else begins with. */
const screen = ':screen(^(?!(?:api|assets|docs|health|hooks|metrics)$)[a-z-]+$)';

/** Serves the built console; its files are for everybody, what they show needs a token. */
export const serveConsole: FastifyPluginAsync = async (app) => {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, public: true };
    route.schema = { ...route.schema, hide: true };
  });
  await app.register(fastifyStatic, { root: builtConsole, wildcard: false, globIgnore: ['**/*.map'] });
  // The console routes by itself: a link to any of its screens gets the same page.
  for (const path of [`/${screen}`, `/${screen}/*`])
    app.get(path, (request, reply) =>
      request.headers.accept?.includes('text/html') ? reply.sendFile('index.html') : reply.callNotFound(),
    );
};
