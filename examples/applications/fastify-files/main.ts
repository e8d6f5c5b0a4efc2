import { accessForAllMembers } from '@infratraq/kernel';
import cookie from '@fastify/cookie';
import { openAttachments } from '@infratraq/attachments';
import { attachmentRoutes } from '@infratraq/attachments/routes';
import { openMessaging } from '@infratraq/messaging';
import { commentRoutes } from '@infratraq/messaging/routes';
import { registerTransport } from '@infratraq/transport/fastify';
import Fastify from 'fastify';

const mongodbUri = process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples';
const objectsUrl = process.env['OBJECTS_URL'] ?? 'file:///tmp/infratraq-files';
const { attachments, tokens, close } = await openAttachments({ mongodbUri, objectsUrl });
const messaging = await openMessaging({ mongodbUri, access: accessForAllMembers });

// An application as it may be today: sessions in a cookie, JSON schemas, open routes, pages for what is not found.
const app = Fastify();
await app.register(cookie, { secret: 'a secret of this application' });
app.post('/sign-in', { schema: { body: { type: 'object', required: ['user'] } } }, (request, reply) =>
  reply
    .setCookie('session', (request.body as { user: string }).user, { signed: true, path: '/' })
    .send('Welcome'),
);
const search = {
  querystring: { type: 'object', properties: { limit: { type: 'integer', default: 3 } } },
  response: { 200: { type: 'object', properties: { limit: { type: 'integer' } } } },
};
app.get('/search', { schema: search }, async (request) => request.query);
app.setNotFoundHandler((_request, reply) => reply.code(404).type('text/html').send('<h1>Nothing here</h1>'));

// What InfraTraq adds: who a user is, and routes that ask it.
const rolesOf = { boss: ['operator'], crew: ['member'] } as const;
await app.register(registerTransport, {
  access: accessForAllMembers,
  identify: async ({ cookies }) => {
    const { valid, value } = app.unsignCookie(cookies['session'] ?? '');
    return valid && value ? { user_id: value, roles: rolesOf[value === 'ada' ? 'boss' : 'crew'] } : undefined;
  },
});
await app.register(attachmentRoutes, { prefix: '/files', attachments, tokens, baseUrl: '/files' });
await app.register(commentRoutes, { prefix: '/talk', comments: messaging.comments });

app.addHook('onClose', async () => {
  await messaging.close();
  await close();
});
console.log(`ready at ${await app.listen({ port: Number(process.env['PORT'] ?? 0), host: '127.0.0.1' })}`);
process.once('SIGTERM', () => app.close());
