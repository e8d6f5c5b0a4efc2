import type { FastifyPluginAsync } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Authenticate } from '../identity.js';
import type { Transport } from './define-routes.js';
import { identifyByToken, type Identify } from './identify-requests.js';

/** How the application identifies who sends a request: by anything of its own, or by bearer tokens. */
export type TransportOptions = Pick<Transport, 'recognizeError' | 'access'> &
  ({ readonly identify: Identify } | { readonly authenticate: Authenticate });

const transport: FastifyPluginAsync<TransportOptions> = async (app, options) => {
  const identify = 'identify' in options ? options.identify : identifyByToken(options.authenticate);
  app.decorate('infratraqTransport', {
    identify,
    recognizeError: options.recognizeError,
    access: options.access,
  });
};

/**
 * Prepares a Fastify application, or a context of it, for routes that `defineRoutes` made: all `…Routes` of these
 * packages. Register it before them. Nothing else of the application changes.
 *
 * @example await app.register(registerTransport, { identify: async ({ session }) => session.user })
 */
export const registerTransport = fastifyPlugin(transport, { name: 'infratraq-transport', fastify: '5.x' });
