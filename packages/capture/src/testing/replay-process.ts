import { connectPostgres } from '@infratraq/postgres';
import { createConnection } from 'mongoose';
import { replayRefusedChanges } from '../refusals/replay-refused-changes.js';
import { createMongoChangeSink } from '../sinks/create-mongo-change-sink.js';

/** A program that replays refused changes, and stands still after the first is stored: to be killed there. */
const { POSTGRES_URL = '', MONGODB_URI = '' } = process.env;
const postgres = await connectPostgres({ url: POSTGRES_URL });
const connection = await createConnection(MONGODB_URI).asPromise();
await replayRefusedChanges({
  postgres,
  sink: createMongoChangeSink(connection),
  onReplayed: (change) => {
    process.send?.(change);
    return new Promise(() => undefined);
  },
});
