// A route typed by zod that knows its user; every error is a problem document.
import { defineRoutes, registerTransport } from '@infratraq/transport/fastify';
import Fastify from 'fastify';
import { z } from 'zod';

const cranes = defineRoutes(async (app) => {
  const schema = { params: z.strictObject({ tonnes: z.coerce.number() }) };
  app.get('/cranes/:tonnes', { schema }, async ({ actor, params }) => `${actor.user_id}: ${params.tonnes} t`);
});
const app = Fastify().register(registerTransport, { identify: async () => ({ user_id: 'u-1', roles: [] }) });
console.log((await app.register(cranes).inject('/cranes/40')).body);
