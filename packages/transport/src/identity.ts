import {
  currentActor,
  InfratraqError,
  newCauseId,
  runAsActor,
  type Actor,
  type Role,
} from '@infratraq/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

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

/** No valid token came with the request. */
export class UnauthenticatedError extends InfratraqError {
  constructor(message = 'Send a bearer token in the Authorization header', cause?: unknown) {
    super('unauthenticated', message, { status: 401, ...(cause !== undefined && { cause }) });
  }
}

/** Checks a bearer token and answers whose it is; throws {@link UnauthenticatedError} when it is not valid. */
export type Authenticate = (
  token: string,
) => Promise<Pick<Actor, 'user_id' | 'roles'> & { session_id?: string }>;

/**
 * The current actor.
 * @throws UnauthenticatedError when nobody is authenticated
 */
export function requireActor(): Actor {
  const actor = currentActor();
  if (!actor || actor.roles.length === 0) throw new UnauthenticatedError();
  return actor;
}

const causeIdPattern = /^[A-Za-z0-9-]{8,64}$/;

/**
 * Gives every request its actor and cause id (`x-cause-id`, echoed in the answer) and refuses
 * those whom the route's `config` does not admit.
 */
export function identifyRequests(app: FastifyInstance, authenticate: Authenticate): void {
  app.decorateRequest('actor', null as unknown as Actor);
  app.addHook('onRequest', (request, reply, done) => {
    identify(request, reply, authenticate).then(
      () => runAsActor(request.actor, () => done()),
      (error: unknown) => done(error as Error),
    );
  });
  // Reading the body loses the asynchronous context of the hook above.
  app.addHook('preValidation', (request, _reply, done) => runAsActor(request.actor, () => done()));
}

async function identify(
  request: FastifyRequest,
  reply: FastifyReply,
  authenticate: Authenticate,
): Promise<void> {
  const given = request.headers['x-cause-id'];
  const cause_id = typeof given === 'string' && causeIdPattern.test(given) ? given : newCauseId();
  reply.header('x-cause-id', cause_id);
  request.actor = { user_id: 'anonymous', roles: [], ip_address: request.ip, cause_id };
  const { public: isPublic, roles } = request.routeOptions.config;
  const header = request.headers.authorization;
  // A page that does not exist answers 404, whoever asks.
  if (request.is404 || (isPublic && !header)) return;
  const token = /^Bearer (\S+)$/i.exec(header ?? '')?.[1];
  if (!token) throw new UnauthenticatedError();
  request.actor = { ...request.actor, ...(await authenticate(token)) };
  if (roles && !roles.some((role) => request.actor.roles.includes(role)))
    throw new InfratraqError('forbidden', `This needs the role ${roles.join(' or ')}`, { status: 403 });
}
