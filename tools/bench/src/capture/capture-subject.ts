import { createCapture, createMongoChangeSink } from '@infratraq/capture';
import { createConnection } from 'mongoose';
import { startMeasuring } from './subject.js';

/** The measured program: captures until it has stored as many changes as it was told. */
const { POSTGRES_URL = '', MONGODB_URI = '', SLOT = '', COLLECTION = '', ROWS = '0' } = process.env;
const connection = await createConnection(MONGODB_URI).asPromise();
const capture = createCapture({
  postgresUrl: POSTGRES_URL,
  slot: SLOT,
  sink: createMongoChangeSink(connection, { collectionName: COLLECTION }),
  onError: (error) => console.error(error),
});
let measuring: ReturnType<typeof startMeasuring> | undefined;
capture.on('capture:started', () => (measuring = startMeasuring()));
capture.on('capture:advanced', () => {
  if (capture.status().changes >= Number(ROWS)) measuring?.finish();
});
capture.start();
