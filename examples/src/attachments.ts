// A file is attached, becomes a second version, is fetched by range, deleted and brought back; a program is refused.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { AttachmentService, attachments } from '@infratraq/attachments';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';
import { openObjects } from '@infratraq/objects';

const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const collections = attachments.collections.map((collection) => collection.class);
await applyIndexes(mongo.connection, collections);
const folder = await mkdtemp(join(tmpdir(), 'infratraq-files-'));
const objects = await openObjects(pathToFileURL(folder).href);
const files = new AttachmentService({ models: bindModels(mongo.connection, collections), objects });

const inspection = { entity_type: 'inspections', entity_id: randomUUID() };
const inspector = { user_id: 'u-inspector-1', roles: [] };
const input = { file_name: '../../findings.txt', uploaded_by: inspector.user_id };
const { file_id, file_name } = await files.attach(
  inspection,
  Readable.from([Buffer.from('crack: 2 mm')]),
  input,
);
await files.attach(inspection, Readable.from([Buffer.from('crack: 3 mm')]), { ...input, file_id });
const file = { ...inspection, file_id };
const { version, object_key, content_type } = await files.downloadable(file);
const { body } = await objects.get(object_key, { first: 7 });
console.log(`${file_name}, version ${version}, ${content_type}: ${await text(body)}`);

await files.remove(file, inspector);
console.log(`deleted: ${(await files.list(inspection, { limit: 10 })).items.length} files`);
await files.restore(file, inspector);
console.log(`restored: ${(await files.versions(file)).length} versions`);

const program = Readable.from([Buffer.from('#!/bin/sh\nrm -rf /')]);
await files.attach(inspection, program, input).catch((error: { code: string }) => console.log(error.code));

await mongo.close();
await objects.close();
await rm(folder, { recursive: true });
