// A route typed by zod, behind bearer tokens; every error is a problem document.
import { defineRoutes, registerTransport } from '@infratraq/transport/fastify';
import Fastify from 'fastify';
import { z } from 'zod';

const cranes = defineRoutes(async (app) => {
  const schema = { body: z.strictObject({ tonnes: z.number() }) };
  app.post('/cranes', { schema }, async ({ actor, body }) => `${actor.user_id} orders ${body.tonnes} t`);
});
const app = Fastify().register(registerTransport, {
  authenticate: async (user_id) => ({ user_id, roles: [] }),
});
const order = { method: 'POST', url: '/cranes', headers: { authorization: 'Bearer u-1' } } as const;
console.log((await app.register(cranes).inject({ ...order, body: { tonnes: 40 } })).body);
