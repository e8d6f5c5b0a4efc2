import type { Actor, InfratraqError, Role } from '@infratraq/kernel';
import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { serializerCompiler, validatorCompiler, type FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { FastifyPluginOptions } from 'fastify';
import type { Authenticate } from '../identity.js';
import { identifyRequests } from './identify-requests.js';
import { lingerOnClose } from './linger-on-close.js';
import { problem, problemMediaType, problemOf, problemSchema } from '../problem.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; anonymous (without roles) where no token came. */
    actor: Actor;
  }
  interface FastifyContextConfig {
    /** Anybody may call, without a token. */
    public?: boolean;
    /** One of these roles is needed; any authenticated actor when absent. */
    roles?: readonly Role[];
  }
}

/** A Fastify plugin whose routes are typed by their zod schemas. */
export type Routes<Options extends FastifyPluginOptions = Record<never, never>> =
  FastifyPluginAsyncZod<Options>;

/** How the host application plugs in. */
export interface TransportOptions {
  /** Checks bearer tokens. */
  authenticate: Authenticate;
  /** Recognises errors of libraries below (a database that refuses a value) as errors of ours. */
  recognizeError?: (error: unknown) => InfratraqError | undefined;
}

const transport: FastifyPluginAsync<TransportOptions> = async (app, { authenticate, recognizeError }) => {
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.addHook('onRequest', (request, _reply, done) => {
    lingerOnClose(request.raw);
    done();
  });
  identifyRequests(app, authenticate);
  describeErrors(app);
  app.setErrorHandler((error, request, reply) => {
    const answer = problemOf(recognizeError?.(error) ?? error);
    if (answer.status >= 500) request.log.error({ err: error }, answer.detail);
    return reply.status(answer.status).type(problemMediaType).send(JSON.stringify(answer));
  });
  app.setNotFoundHandler((request, reply) =>
    reply
      .status(404)
      .type(problemMediaType)
      .send(
        JSON.stringify(
          problem(404, 'route.unknown', `There is no ${request.method} ${request.url.split('?')[0]}`),
        ),
      ),
  );
};

/** What every route of ours relies on: zod validation, problem details, identity. Register it once, at the root. */
export const registerTransport = fastifyPlugin(transport, { name: 'infratraq-transport', fastify: '5.x' });

/** Adds the errors that a route can answer with to its schema, so that the API description is complete. */
function describeErrors(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (!route.schema || (route.schema as { hide?: boolean }).hide) return;
    const { params, body, querystring } = route.schema;
    const statuses = [
      ...(params || body || querystring ? [400] : []),
      ...(route.config?.public ? [] : [401, 403]),
      ...(params ? [404] : []),
      ...(body ? [409, 413, 415] : []),
      429,
      500,
      503,
    ];
    const answer = { description: 'Problem', content: { [problemMediaType]: { schema: problemSchema } } };
    const errors = Object.fromEntries(statuses.map((status) => [status, answer]));
    route.schema.response = { ...errors, ...(route.schema.response as object | undefined) };
  });
}
