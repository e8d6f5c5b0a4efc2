import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConflictError, currentActor } from '@infratraq/kernel';
import Fastify from 'fastify';
import { z } from 'zod';
import { pageOf, pageQuery, timestamp, UnauthenticatedError } from '../index.js';
import { defineRoutes, registerTransport, unknownRoutes } from './index.js';

const routes = defineRoutes(async (app) => {
  app.post(
    '/echo/:id',
    {
      schema: {
        params: z.strictObject({ id: z.string() }),
        body: z.strictObject({ name: z.string(), at: timestamp }),
        response: { 200: z.object({ name: z.string(), at: timestamp, user: z.string() }) },
      },
    },
    async ({ body }) => ({ ...body, user: currentActor()?.user_id ?? 'nobody', secret: 'left out' }),
  );
  app.get(
    '/list',
    { schema: { querystring: pageQuery, response: { 200: pageOf(z.string()) } } },
    async ({ query }) => ({
      items: [`limit ${query.limit}`],
      next_cursor: null,
    }),
  );
  app.get('/operators', { config: { roles: ['operator'] } }, async () => 'in');
  app.get('/open', { config: { public: true } }, async () => currentActor()?.user_id);
  app.get('/conflict', async () => {
    throw new ConflictError('Read it again', 'thing.stale');
  });
  app.get('/broken', async () => {
    throw new Error('password=hunter2');
  });
});

describe('a route behind the transport', () => {
  const app = Fastify({ bodyLimit: 1_000 });
  const as = (token: string) => ({ authorization: `Bearer ${token}` });

  beforeAll(async () => {
    await app.register(registerTransport, {
      authenticate: async (token) => {
        if (token === 'forged') throw new UnauthenticatedError('The token is not valid');
        return { user_id: token, roles: token === 'olga' ? ['operator'] : ['member'] };
      },
    });
    await app.register(routes);
    await app.register(unknownRoutes);
  });
  afterAll(() => app.close());

  it('turns timestamps into dates and back, sends only what the response declares, and knows the actor after the body', async () => {
    const payload = { name: 'pump', at: '2026-01-02T03:04:05.000Z' };
    const answer = await app.inject({ method: 'POST', url: '/echo/1', headers: as('mia'), payload });
    expect(answer.json()).toEqual({ ...payload, user: 'mia' });
    expect(answer.headers['x-cause-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('keeps the cause id that a caller sends', async () => {
    const headers = { ...as('mia'), 'x-cause-id': 'cause-12345' };
    expect((await app.inject({ url: '/list', headers })).headers['x-cause-id']).toBe('cause-12345');
  });

  it.each([
    ['an operator object', { name: { $gt: '' }, at: '2026-01-02T03:04:05Z' }, 400, 'input.invalid'],
    ['half an emoji', { name: 'a\ud83d', at: '2026-01-02T03:04:05Z' }, 400, 'text.invalid'],
    ['a NUL in a key', { name: 'a', 'b\0': 1, at: '2026-01-02T03:04:05Z' }, 400, 'text.invalid'],
    ['an unknown field', { name: 'a', at: '2026-01-02T03:04:05Z', more: 1 }, 400, 'input.invalid'],
    [
      'an oversized body',
      { name: 'a'.repeat(2_000), at: '2026-01-02T03:04:05Z' },
      413,
      'request.body-too-large',
    ],
  ])('refuses %s with a problem document', async (_what, payload, status, code) => {
    const answer = await app.inject({ method: 'POST', url: '/echo/1', headers: as('mia'), payload });
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ status, code, type: `urn:infratraq:problem:${code}` });
    expect(answer.statusCode).toBe(status);
  });

  it.each([
    ['/echo/1', 'POST', { authorization: 'Bearer mia', 'content-type': 'application/json' }, '{"name":', 400],
    ['/echo/1', 'POST', { authorization: 'Bearer mia', 'content-type': 'text/xml' }, '<a/>', 415],
    ['/list?limit=0', 'GET', as('mia'), undefined, 400],
    ['/list?limit[$gt]=0', 'GET', as('mia'), undefined, 400],
    ['/nowhere', 'GET', {}, undefined, 404],
    ['/list', 'GET', {}, undefined, 401],
    ['/list', 'GET', { authorization: 'Basic x' }, undefined, 401],
    ['/list', 'GET', as('forged'), undefined, 401],
    ['/operators', 'GET', as('mia'), undefined, 403],
    ['/conflict', 'GET', as('mia'), undefined, 409],
  ] as const)(
    'answers %s %s with a problem and its status',
    async (url, method, headers, payload, status) => {
      const answer = await app.inject({ url, method, headers, ...(payload !== undefined && { payload }) });
      expect(answer.statusCode).toBe(status);
      expect(answer.json()).toMatchObject({ status, detail: expect.any(String), code: expect.any(String) });
    },
  );

  it('admits the roles that a route names, and anybody to a public route', async () => {
    expect((await app.inject({ url: '/operators', headers: as('olga') })).body).toBe('in');
    expect((await app.inject({ url: '/open' })).body).toBe('anonymous');
  });

  it('says nothing of the inside when something breaks there', async () => {
    const answer = await app.inject({ url: '/broken', headers: as('mia') });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('hunter2');
  });
});
