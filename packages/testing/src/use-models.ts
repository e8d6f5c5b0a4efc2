import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import type { DocumentClass } from '@infratraq/kernel';
import { applyIndexes, bindModels, connectMongo, type Models, type Mongo } from '@infratraq/mongo';
import type { Connection } from 'mongoose';

/** What a suite works with, once its hooks have run. */
export interface BoundModels {
  readonly models: Models;
  readonly mongo: Mongo;
  readonly connection: Connection;
}

/**
 * Gives a suite a database of its own with these collections and their indexes, dropped when the suite ends.
 * Call it at the top of a describe or a file; read the accessor inside tests only.
 *
 * The environment variable `MONGODB_URI` names the server. The new database gets a name that nothing else has; the
 * database that the URI names is not touched.
 *
 * @example
 * const database = useModels(ReportCache);
 * it('…', async () => { await database.models.of(ReportCache).create({ … }); });
 */
export function useModels(...collections: DocumentClass[]): BoundModels {
  let mongo: Mongo | undefined;
  let models: Models | undefined;
  beforeAll(async () => {
    const database = `test_${randomUUID().replaceAll('-', '')}`;
    mongo = await connectMongo({ uri: readAddress(), database, appName: 'infratraq-test' });
    models = bindModels(mongo.connection, collections);
    await applyIndexes(mongo.connection, collections);
  });
  afterAll(async () => {
    await mongo?.connection.dropDatabase();
    await mongo?.close();
  });
  return {
    get models() {
      return ready(models);
    },
    get mongo() {
      return ready(mongo);
    },
    get connection() {
      return ready(mongo).connection;
    },
  };
}

function ready<Value>(value: Value | undefined): Value {
  if (value === undefined)
    throw new Error('The models are bound once beforeAll has run; read them inside a test');
  return value;
}

function readAddress(): string {
  const address = process.env['MONGODB_URI'];
  if (address) return address;
  throw new Error(
    'MONGODB_URI is not set; it names the MongoDB server on which the suite makes its database',
  );
}
