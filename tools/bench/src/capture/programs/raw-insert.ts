import { createConnection } from 'mongoose';
import { reportProgress } from './report-progress.js';

/** The driver alone: writes documents that are at hand already by `insertMany`, 1000 at a time, until it is ended. */
const { MONGODB_URI = '', COLLECTION = '', TEMPLATES = '', ROWS = '0' } = process.env;
const batchSize = 1_000;
const connection = await createConnection(MONGODB_URI).asPromise();
const database = connection.db!;
const templates = await database
  .collection<{ _id: string; position: number; entity_id: string }>(TEMPLATES)
  .find()
  .limit(batchSize)
  .toArray();
const collection = database.collection<(typeof templates)[number]>(COLLECTION);
const progress = reportProgress();
progress.started();
for (let written = 0; written < Number(ROWS); written += batchSize) {
  // The same documents but for what tells them apart, so that making them costs next to nothing.
  const documents = templates.map((template, index) => ({
    ...template,
    _id: `${template._id.slice(0, -8)}${(written + index).toString(16).padStart(8, '0')}`,
    entity_id: String(written + index),
    position: written + index,
  }));
  await collection.insertMany(documents, { ordered: false, writeConcern: { w: 'majority' } });
  progress.stored(batchSize);
}
