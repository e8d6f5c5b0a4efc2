// Files of any entity over HTTP, by form and resumable, in a server of one's own.
import { accessForAllMembers } from '@infratraq/kernel';
import { createClamdScanner, createThumbnailMaker, openAttachments } from '@infratraq/attachments';
import { attachmentRoutes } from '@infratraq/attachments/routes'; // needs @fastify/multipart
import { tusRoutes } from '@infratraq/attachments/tus'; // needs @tus/server
import { registerTransport } from '@infratraq/transport/fastify';
import Fastify from 'fastify';

const { MONGODB_URI, OBJECTS_URL, CLAMAV_URL } = process.env;
const files = await openAttachments({
  mongodbUri: MONGODB_URI ?? 'mongodb://127.0.0.1/examples',
  objectsUrl: OBJECTS_URL ?? 'file:///tmp/infratraq-files', // in production s3://files/infratraq?region=eu-central-1
  ...(CLAMAV_URL !== undefined && { scanner: createClamdScanner({ url: CLAMAV_URL }) }), // tcp://127.0.0.1:3310
  thumbnails: await createThumbnailMaker(), // needs sharp
  rules: {
    default: { maximumBytes: 100 * 1024 * 1024 },
    contracts: { maximumBytes: 20 * 1024 * 1024, types: ['application/pdf'], retainDays: 3_650 },
  },
  publish: ({ kind, file_name }) => console.log(kind, file_name),
  linkSecret: 'the same 32 bytes or more everywhere',
  sweepIntervalSeconds: 3_600,
});

const app = Fastify();
await app.register(registerTransport, {
  access: accessForAllMembers,
  authenticate: async (token) => ({ user_id: token, roles: ['member'] }), // who has which token is yours to answer
});
await app.register(attachmentRoutes, { prefix: '/api/v1', ...files });
await app.register(tusRoutes, { prefix: '/api/v1', ...files });
const address = await app.listen({ port: 0, host: '127.0.0.1' });

const attach = async (path: string, content: string) => {
  const body = new FormData();
  body.set('file', new File([content], 'findings.txt'));
  const headers = { authorization: 'Bearer u-inspector-1' };
  const url = `${address}/api/v1/entities/${path}/attachments`;
  const answer = await fetch(url, { method: 'POST', headers, body });
  const { code, content_type } = (await answer.json()) as Record<string, string>;
  console.log(`${path}: ${answer.status} ${code ?? content_type}`);
};
await attach('inspections/9', 'crack: 2 mm');
await attach('contracts/7', 'no PDF');

await app.close();
await files.close();
