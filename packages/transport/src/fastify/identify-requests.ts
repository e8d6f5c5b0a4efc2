import { InfratraqError, newCauseId, runAsActor, type Actor } from '@infratraq/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { UnauthenticatedError, type Authenticate } from '../identity.js';

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
