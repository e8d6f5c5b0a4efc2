import { createConnection } from 'mongoose';
import { createCapture } from '../leading/create-capture.js';
import { createMongoChangeSink } from '../sinks/create-mongo-change-sink.js';

/** A program that captures until it is killed: what the tests that kill captures run. */
const { POSTGRES_URL = '', MONGODB_URI = '', CAPTURE_SLOT = '', CAPTURE_BATCH = '' } = process.env;
const connection = await createConnection(MONGODB_URI).asPromise();
const capture = createCapture({
  postgresUrl: POSTGRES_URL,
  slot: CAPTURE_SLOT,
  sink: createMongoChangeSink(connection),
  leaderPollMilliseconds: 50,
  maxBatchChanges: Number(CAPTURE_BATCH),
});
capture.on('capture:started', () => process.send?.('started'));
capture.on('capture:waiting', () => process.send?.('waiting'));
capture.on('capture:advanced', ({ changes }) => changes > 0 && process.send?.('advanced'));
capture.on('capture:retrying', () => process.send?.('retrying'));
capture.on('capture:failed', ({ error }) => process.send?.(error.code));
capture.start();
