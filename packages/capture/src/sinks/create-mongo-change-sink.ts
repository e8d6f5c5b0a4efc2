import { InfratraqError } from '@infratraq/kernel';
import { mongo, type Connection } from 'mongoose';
import type { Change, ChangeSink } from '../change.js';

/** The connection has no database yet: it is to be awaited before it is passed in. */
export class SinkNotConnectedError extends InfratraqError {
  constructor() {
    super(
      'capture.sink-not-connected',
      'Await connection.asPromise() before the connection is used as a sink',
      {
        status: 503,
      },
    );
  }
}

const duplicateKey = 11_000;

/**
 * Writes changes into a MongoDB collection, with majority write concern.
 *
 * A change that is there already (same `_id`) counts as written; any other error rejects.
 */
export function createMongoChangeSink(
  connection: Connection,
  collectionName = 'entity_changelog',
): ChangeSink {
  return {
    async write(changes: Change[]): Promise<void> {
      if (connection.db === undefined) throw new SinkNotConnectedError();
      const collection = connection.db.collection<Change>(collectionName);
      try {
        await collection.insertMany(changes, { ordered: false, writeConcern: { w: 'majority' } });
      } catch (error) {
        if (!(error instanceof mongo.MongoBulkWriteError)) throw error;
        const ids = findDuplicates(error, changes);
        // Another unique index may have refused them: only what is really there counts as written.
        if (ids === undefined || (await collection.countDocuments({ _id: { $in: ids } })) !== ids.length)
          throw error;
      }
    },
  };
}

/** The ids of the refused changes when all were refused as duplicates, else undefined. */
function findDuplicates(error: mongo.MongoBulkWriteError, changes: Change[]): string[] | undefined {
  const refused = Array.isArray(error.writeErrors) ? error.writeErrors : [error.writeErrors];
  const onlyDuplicates = refused.every(({ code }) => code === duplicateKey);
  if (!onlyDuplicates || refused.length === 0 || error.result.getWriteConcernError() !== undefined)
    return undefined;
  return refused.flatMap(({ index }) => changes[index]?._id ?? []);
}
