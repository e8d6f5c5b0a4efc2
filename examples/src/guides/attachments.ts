// Files of any entity over HTTP, by form and resumable, in a server of one's own.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  AttachmentService,
  AttachmentSweeper,
  attachments,
  createClamdScanner,
  createThumbnailMaker,
  DownloadTokens,
  ResumableUploads,
} from '@infratraq/attachments';
import { attachmentRoutes } from '@infratraq/attachments/routes'; // needs @fastify/multipart
import { tusRoutes } from '@infratraq/attachments/tus'; // needs @tus/server
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';
import { openObjects } from '@infratraq/objects';
import { registerTransport } from '@infratraq/transport/fastify';
import Fastify from 'fastify';

const { MONGODB_URI, OBJECTS_URL, CLAMAV_URL } = process.env;
const mongo = await connectMongo({ uri: MONGODB_URI ?? 'mongodb://127.0.0.1/examples' });
const collections = attachments.collections.map((collection) => collection.class);
await applyIndexes(mongo.connection, collections);
// In production as s3://files/infratraq?region=eu-central-1
const objects = await openObjects(OBJECTS_URL ?? pathToFileURL(join(tmpdir(), 'infratraq-files')).href);
const options = {
  models: bindModels(mongo.connection, collections),
  objects,
  ...(CLAMAV_URL !== undefined && { scanner: createClamdScanner({ url: CLAMAV_URL }) }), // tcp://127.0.0.1:3310
  thumbnails: await createThumbnailMaker(), // needs sharp
  rules: {
    default: { maximumBytes: 100 * 1024 * 1024 },
    contracts: { maximumBytes: 20 * 1024 * 1024, types: ['application/pdf'], retainDays: 3_650 },
  },
  publish: ({ kind, file_name }: { kind: string; file_name: string }) => console.log(kind, file_name),
};
const files = new AttachmentService(options);
const uploads = new ResumableUploads({ ...options, attachments: files });
const sweeper = new AttachmentSweeper({ ...options, uploads });
const sweeping = setInterval(() => void sweeper.sweep().catch(console.error), 3_600_000);

const app = Fastify();
await app.register(registerTransport, {
  authenticate: async (token) => ({ user_id: token, roles: ['member'] }), // who has which token is yours to answer
});
const tokens = new DownloadTokens({ secret: 'the same 32 bytes or more everywhere' });
await app.register(attachmentRoutes, { prefix: '/api/v1', attachments: files, tokens });
await app.register(tusRoutes, { prefix: '/api/v1', uploads });
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

clearInterval(sweeping);
await app.close();
await objects.close();
await mongo.close();
