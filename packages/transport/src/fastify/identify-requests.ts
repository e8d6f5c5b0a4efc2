import { InfratraqError, newCauseId, runAsActor, type Actor } from '@infratraq/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UnauthenticatedError, type Authenticate, type Identity } from '../identity.js';

/**
 * Answers who sends a request, for example from its session, or undefined for a stranger. Throws
 * {@link UnauthenticatedError} to refuse a request also where strangers may call.
 */
export type Identify = (request: FastifyRequest) => Promise<Identity | undefined>;

const causeIdPattern = /^[A-Za-z0-9-]{8,64}$/;

/**
 * Gives every request its actor and cause id (`x-cause-id`, echoed in the answer), and refuses requests that the route's
 * `config` does not admit.
 */
export function identifyRequests(app: FastifyInstance, identify: Identify): void {
  if (!app.hasRequestDecorator('actor')) app.decorateRequest('actor', null as unknown as Actor);
  app.addHook('onRequest', (request, reply, done) => {
    admit(request, reply, identify).then(
      () => runAsActor(request.actor, () => done()),
      (error: unknown) => done(error as Error),
    );
  });
  // Reading the body loses the asynchronous context of the hook above.
  app.addHook('preValidation', (request, _reply, done) => runAsActor(request.actor, () => done()));
}

/** Identifies requests by the bearer token in their `Authorization` header. */
export function identifyByToken(authenticate: Authenticate): Identify {
  return async ({ headers: { authorization }, ip }) => {
    if (!authorization) return undefined;
    const token = /^Bearer (\S+)$/i.exec(authorization)?.[1];
    if (!token) throw new UnauthenticatedError();
    const { user_id, roles, session_id } = await authenticate(token, ip);
    return { user_id, roles, ...(session_id !== undefined && { session_id }) };
  };
}

async function admit(request: FastifyRequest, reply: FastifyReply, identify: Identify): Promise<void> {
  const given = request.headers['x-cause-id'];
  const cause_id = typeof given === 'string' && causeIdPattern.test(given) ? given : newCauseId();
  reply.header('x-cause-id', cause_id);
  request.actor = { user_id: 'anonymous', roles: [], ip_address: request.ip, cause_id };
  // A page that does not exist answers 404, whoever asks.
  if (request.is404) return;
  const { public: isPublic, roles } = request.routeOptions.config;
  const identity = await identify(request);
  if (identity) request.actor = { ...request.actor, ...identity };
  else if (!isPublic) throw new UnauthenticatedError();
  if (roles && !roles.some((role) => request.actor.roles.includes(role)))
    throw new InfratraqError('forbidden', `This needs the role ${roles.join(' or ')}`, { status: 403 });
}
