import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { currentActor, NotFoundError, type Role } from '@infratraq/kernel';
import Fastify from 'fastify';
import { z } from 'zod';
import { UnauthenticatedError } from '../index.js';
import { defineRoutes, registerTransport, unknownRoutes } from './index.js';

/** Sessions of the application, whose roles have names of its own. */
const sessions = new Map([
  ['s-1', { user: 'mia', role: 'surveyor' }],
  ['s-2', { user: 'olga', role: 'dispatcher' }],
]);
const roleNames: Readonly<Record<string, Role>> = { surveyor: 'member', dispatcher: 'operator' };

const cranes = defineRoutes(async (app) => {
  app.post(
    '/cranes',
    { schema: { body: z.strictObject({ tonnes: z.number() }) } },
    async () => currentActor()?.user_id,
  );
  app.get('/cranes/open', { config: { public: true } }, async () => currentActor()?.user_id);
  app.get('/cranes/plan', { config: { roles: ['operator'] } }, async () => 'planned');
  app.get('/cranes/gone', async () => {
    throw new NotFoundError('This crane is gone');
  });
});
const nested = defineRoutes(async (app) => {
  await app.register(cranes, { prefix: '/nested' });
});

describe('an application that has routes of its own', () => {
  const app = Fastify();
  beforeAll(async () => {
    app.decorateRequest('actor', null as never);
    app.setErrorHandler((error, _request, reply) => reply.status(418).send({ own: String(error) }));
    app.setNotFoundHandler((_request, reply) => reply.status(404).send({ own: 'not here' }));
    const report = {
      schema: {
        querystring: { type: 'object', properties: { year: { type: 'integer' } } },
        response: { 200: { type: 'object', properties: { year: { type: 'integer' } } } },
      },
    } as const;
    app.get('/before', report, async ({ query }) => ({ ...(query as object), secret: 'left out' }));
    await app.register(registerTransport, {
      identify: async ({ headers }) => {
        const id = /session=([\w-]+)/.exec(headers.cookie ?? '')?.[1];
        if (id === 'stolen') throw new UnauthenticatedError('This session was ended');
        const session = id === undefined ? undefined : sessions.get(id);
        return session && { user_id: session.user, roles: [roleNames[session.role]!] };
      },
    });
    await app.register(nested, { prefix: '/api' });
    await app.register(unknownRoutes, { prefix: '/api' });
    app.get('/after', report, async ({ query }) => ({ ...(query as object), secret: 'left out' }));
    app.get('/fails', async () => {
      throw new Error('of its own');
    });
  });
  afterAll(() => app.close());
  const call = (url: string, cookie = '', payload?: object) =>
    app.inject({ method: payload ? 'POST' : 'GET', url, headers: { cookie }, ...(payload && { payload }) });

  it.each(['/before', '/after'])('keeps its open route %s and its JSON schemas', async (url) => {
    const answer = await call(`${url}?year=2026`);
    expect([answer.statusCode, answer.json()]).toEqual([200, { year: 2026 }]);
    expect(answer.headers).not.toHaveProperty('x-cause-id');
    expect((await call(`${url}?year=soon`)).json()).toEqual({ own: expect.stringContaining('year') });
  });

  it('keeps its error handler and its not-found handler', async () => {
    expect((await call('/fails')).json()).toEqual({ own: 'Error: of its own' });
    expect((await call('/nowhere')).json()).toEqual({ own: 'not here' });
    expect((await call('/api/nowhere')).json()).toMatchObject({ code: 'route.unknown' });
  });

  it('identifies its users by their session, with the roles that theirs stand for', async () => {
    expect((await call('/api/nested/cranes', 'session=s-1', { tonnes: 4 })).body).toBe('mia');
    expect((await call('/api/nested/cranes/plan', 'session=s-2')).body).toBe('planned');
    expect((await call('/api/nested/cranes/plan', 'session=s-1')).statusCode).toBe(403);
    expect((await call('/api/nested/cranes/open')).body).toBe('anonymous');
  });

  it.each([
    ['a stranger', '', 401],
    ['an unknown session', 'session=s-9', 401],
    ['a session that is refused, also where strangers may call', 'session=stolen', 401],
  ])('refuses %s', async (_who, cookie, status) => {
    const path = cookie === 'session=stolen' ? '/api/nested/cranes/open' : '/api/nested/cranes/gone';
    const answer = await call(path, cookie);
    expect(answer.json()).toMatchObject({ status, code: 'unauthenticated' });
  });

  it('answers errors of these routes with problem documents', async () => {
    const gone = await call('/api/nested/cranes/gone', 'session=s-1');
    expect(gone.json()).toMatchObject({ status: 404, detail: 'This crane is gone' });
    const invalid = await call('/api/nested/cranes', 'session=s-1', { tonnes: 'many' });
    expect(invalid.json()).toMatchObject({ status: 400, code: 'input.invalid' });
  });
});

it('routes say what to do when the transport is missing', async () => {
  const app = Fastify();
  await expect(app.register(cranes)).rejects.toThrow('Register registerTransport before these routes');
  await app.close();
});
