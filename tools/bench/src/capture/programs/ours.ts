import { createCapture, createMongoChangeSink, type ChangeSink } from '@infratraq/capture';
import { createConnection } from 'mongoose';
import { reportProgress } from './report-progress.js';

/** Ours, as an application runs it. */
const { POSTGRES_URL = '', MONGODB_URI = '', SLOT = '', COLLECTION = '', TRICKLE } = process.env;
const connection = await createConnection(MONGODB_URI).asPromise();
const progress = reportProgress();
const sink = createMongoChangeSink(connection, { collectionName: COLLECTION });
const observed: ChangeSink = {
  write: async (changes) => {
    await sink.write(changes);
    for (const { entity_id } of changes.readAll()) progress.storedOne(entity_id);
  },
};
const capture = createCapture({
  postgresUrl: POSTGRES_URL,
  slot: SLOT,
  sink: TRICKLE === undefined ? sink : observed,
  onError: (error) => console.error(error),
});
capture.on('capture:started', () => progress.started());
capture.on('capture:advanced', ({ changes }) => progress.stored(changes));
capture.start();
