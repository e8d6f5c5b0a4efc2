import {
  DefinitionError,
  findUnstorableText,
  InfratraqError,
  InvalidInputError,
  type Actor,
  type EntityAccess,
  type Role,
  type ScopeRole,
} from '@infratraq/kernel';
import type {
  FastifyInstance,
  FastifyPluginAsync,
  FastifyPluginOptions,
  FastifySchemaCompiler,
} from 'fastify';
import {
  serializerCompiler,
  validatorCompiler,
  type FastifyPluginAsyncZod,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { problem, problemMediaType, problemOf, problemSchema } from '../problem.js';
import { recognizeFault } from '../recognize-fault.js';
import { guardEntities } from './guard-entities.js';
import { identifyRequests, type Identify } from './identify-requests.js';
import { lingerOnClose } from './linger-on-close.js';

declare module 'fastify' {
  interface FastifyInstance {
    /** What {@link defineRoutes} gives its routes; set by `registerTransport`. */
    infratraqTransport?: Transport;
    /** Whether routes of this context have the transport already. */
    infratraqTransportIsSet?: true;
  }
  interface FastifyRequest {
    /** Who asks; anonymous (without roles) where nobody is identified. */
    actor: Actor;
    /** The actor's role over the entity of a route that asks for one by `entityRole`. */
    entityRole: ScopeRole | null;
    /** Decides who may see an entity, for routes that ask for a role over one, and for `access` of `scopes`. */
    entityAccess: EntityAccess;
  }
  interface FastifyContextConfig {
    /** Anybody may call, identified or not. */
    public?: boolean;
    /** One of these roles is needed; any identified actor may call when absent. */
    roles?: readonly Role[];
    /** The role that the actor needs over the entity `/:type/:id` of the path. */
    entityRole?: ScopeRole;
    /**
     * What any identified actor reaches by a route that asks for no role. `own`: the actor's own documents and those
     * shared with the actor; `members`: those of channels that the actor belongs to; `scopes`: those of entities that
     * the actor may see; `shared`: what concerns no entity and nobody; `everything`: refused to actors who may not see
     * every entity.
     */
    access?: 'own' | 'members' | 'scopes' | 'shared' | 'everything';
    /** Statuses of errors that the route answers besides those that all routes of its kind do, for its description. */
    errors?: readonly number[];
  }
}

/** What the application answers for the routes. */
export interface Transport {
  readonly identify: Identify;
  /** Recognises errors of libraries (a database that refuses a value) as errors of ours. */
  readonly recognizeError?: ((error: unknown) => InfratraqError | undefined) | undefined;
  /** Decides who may see an entity; routes of entities are refused at registration without it. */
  readonly access?: EntityAccess | undefined;
}

declare const isDefined: unique symbol;

/** A Fastify plugin that {@link defineRoutes} made. */
export type Routes<Options extends FastifyPluginOptions = Record<never, never>> =
  FastifyPluginAsync<Options> & { readonly [isDefined]: true };

/**
 * Makes a Fastify plugin of routes that are typed and checked by zod schemas, answer problem documents, and know their
 * actor. All of that holds for these routes alone; other routes of the application stay as they are.
 *
 * @throws DefinitionError `definition.transport` at registration when `registerTransport` was not registered before
 * @example const cranes = defineRoutes(async (app) => { app.get('/cranes', …) })
 */
export function defineRoutes<Options extends FastifyPluginOptions = Record<never, never>>(
  plugin: FastifyPluginAsyncZod<Options>,
): Routes<Options> {
  const routes: FastifyPluginAsync<Options> = async (app, options) => {
    setTransport(app);
    await plugin(app.withTypeProvider<ZodTypeProvider>(), options);
  };
  return routes as Routes<Options>;
}

/** Answers every unknown path with a problem document; for applications without a not-found handler of their own. */
export const unknownRoutes: Routes = defineRoutes(async (app) => {
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0];
    const answer = problem(404, 'route.unknown', `There is no ${request.method} ${path}`);
    return reply.status(404).type(problemMediaType).send(JSON.stringify(answer));
  });
});

function setTransport(app: FastifyInstance): void {
  if (app.infratraqTransportIsSet) return;
  const transport = app.infratraqTransport;
  if (!transport)
    throw new DefinitionError('routes', 'transport', 'Register registerTransport before these routes');
  app.decorate('infratraqTransportIsSet', true);
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(serializerCompiler);
  app.addHook('onRequest', (request, _reply, done) => {
    lingerOnClose(request.raw);
    done();
  });
  identifyRequests(app, transport.identify);
  guardEntities(app, transport.access);
  describeErrors(app);
  app.setErrorHandler((error, request, reply) => {
    const known = transport.recognizeError?.(error) ?? recognizeFault(error) ?? error;
    const answer = problemOf(known);
    // What passes by itself is no fault of this server.
    if (answer.status === 503) request.log.warn({ err: error }, answer.detail);
    else if (answer.status >= 500) request.log.error({ err: error }, answer.detail);
    if (known instanceof InfratraqError) reply.headers(known.headers);
    // The rest of the body is not waited for.
    if (answer.status === 413) reply.header('connection', 'close');
    return reply.status(answer.status).type(problemMediaType).send(JSON.stringify(answer));
  });
}

/** Refuses a text that no database can keep before anything else of the input is checked. */
const compileValidator: FastifySchemaCompiler<z.ZodType> = (route) => {
  const validate = validatorCompiler(route);
  return (input) => {
    const unstorable = findUnstorableText(input);
    if (unstorable) return refuseInput(unstorable, 'text.invalid');
    const checked = validate(input);
    // A schema would list the methods of bytes as unknown fields.
    const isBinary = typeof checked === 'object' && 'error' in checked && ArrayBuffer.isView(input);
    return isBinary ? refuseInput({ path: '/', message: 'is binary; send JSON' }, 'input.invalid') : checked;
  };
};

function refuseInput(fault: { path: string; message: string }, code: string): { error: Error } {
  const detail = `${fault.path}: ${fault.message}`;
  // As a cause: Fastify writes members of its own into a validator's error.
  return { error: new Error(detail, { cause: new InvalidInputError(detail, { code, errors: [fault] }) }) };
}

/** Any route refuses a damaged URL or token, and requests that are too long, too slow or too many. */
const statusesOfAnyRoute = [400, 401, 408, 414, 429, 431, 500, 503];

/** Adds the errors that a route can answer with to its schema, so that the API description is complete. */
function describeErrors(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (!route.schema || (route.schema as { hide?: boolean }).hide) return;
    const { params, body } = route.schema;
    const { public: isPublic, errors: own = [] } = route.config ?? {};
    const statuses = [
      ...statusesOfAnyRoute,
      ...(isPublic ? [] : [403]),
      ...(params ? [404] : []),
      ...(body ? [409, 413, 415] : []),
      ...own,
    ];
    const answer = { description: 'Problem', content: { [problemMediaType]: { schema: problemSchema } } };
    const errors = Object.fromEntries(statuses.map((status) => [status, answer]));
    route.schema.response = { ...errors, ...(route.schema.response as object | undefined) };
  });
}
