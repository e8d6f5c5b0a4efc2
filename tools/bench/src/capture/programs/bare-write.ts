import { createConnection } from 'mongoose';
import { setTimeout as delay } from 'node:timers/promises';
import { reportProgress } from './report-progress.js';

/** What one write costs by itself: a document at hand already, inserted now and then. */
const { MONGODB_URI = '', COLLECTION = '', TEMPLATES = '', ROWS = '0', INTERVAL = '20' } = process.env;
const connection = await createConnection(MONGODB_URI).asPromise();
const database = connection.db!;
const template = (await database.collection<{ _id: string }>(TEMPLATES).findOne())!;
const collection = database.collection<{ _id: string }>(COLLECTION);
const progress = reportProgress();
progress.started();
for (let row = 0; row < Number(ROWS); row += 1) {
  process.stdout.write(`sent ${row} ${process.hrtime.bigint()}\n`);
  await collection.insertOne({ ...template, _id: `bare:${row}` }, { writeConcern: { w: 'majority' } });
  progress.storedOne(String(row));
  await delay(Number(INTERVAL));
}
progress.stored(Number(ROWS));
