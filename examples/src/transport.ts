// A route typed by zod: identity from the token, and a problem document for everything that is wrong.
import { requireActor, UnauthenticatedError } from '@infratraq/transport';
import { registerTransport, type Routes } from '@infratraq/transport/fastify';
import Fastify from 'fastify';
import { z } from 'zod';

const cranes: Routes = async (app) => {
  app.post(
    '/cranes',
    { schema: { body: z.strictObject({ tonnes: z.number().positive() }) } },
    async ({ body }) => `${requireActor().user_id} orders a crane for ${body.tonnes} t`,
  );
};

const app = Fastify();
await app.register(registerTransport, {
  authenticate: async (token) => {
    if (token !== 'good') throw new UnauthenticatedError('This token is not known here');
    return { user_id: 'u-1', roles: ['member'] };
  },
});
await app.register(cranes);

const order = async (token: string, body: object) => {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await app.inject({ method: 'POST', url: '/cranes', headers, payload: body });
  console.log(answer.statusCode, answer.body);
};
await order('good', { tonnes: 40 });
await order('good', { tonnes: { $gt: 0 } });
await order('bad', { tonnes: 40 });
await app.close();
