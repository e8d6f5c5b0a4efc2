// A file's record: nobody may download it before the scanner found it clean.
import { randomUUID } from 'node:crypto';
import {
  AttachmentMetadata,
  attachments,
  isDownloadable,
  listAttachmentsOfEntity,
} from '@infratraq/attachments';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';

const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const collections = attachments.collections.map((collection) => collection.class);
await applyIndexes(mongo.connection, collections);
const models = bindModels(mongo.connection, collections);

const inspection = { entity_type: 'inspections', entity_id: randomUUID() };
const file = { ...inspection, file_id: randomUUID(), version: 1 };
await models.of(AttachmentMetadata).create({
  ...file,
  is_current: true,
  state: 'stored',
  file_name: 'span-4.jpg',
  content_type: 'image/jpeg',
  size_bytes: 345_678,
  object_key: `attachments/${file.file_id}`,
  scan: { verdict: 'pending' },
  source: 'upload',
  uploaded_by: 'u-inspector-1',
  uploaded_at: new Date(),
});
const show = async (when: string) => {
  for (const record of await models.find(listAttachmentsOfEntity, inspection))
    console.log(`${when}: ${record.file_name} can be downloaded: ${isDownloadable(record)}`);
};
await show('before the scan');
await models.of(AttachmentMetadata).updateOne(file, { $set: { 'scan.verdict': 'clean' } });
await show('after the scan');
await mongo.close();
