import { mongo, type Connection } from 'mongoose';

/** How much a collection holds. */
export interface CollectionSize {
  readonly documents: number;
  /** Size of the documents as BSON, before compression and without indexes. */
  readonly bytes: number;
  /** The engine reports no size; it is estimated from the average of a sample. */
  readonly isEstimated: boolean;
}

const sampledDocuments = 100;
/** A sample holds until the number of documents has changed by this share. */
const toleratedChange = 0.1;

/** What the server says of a collection that does not exist. */
const namespaceNotFound = 26;

interface Sample {
  readonly documents: number;
  readonly averageBytes: number;
}

/** Answers a function that measures a collection by name, on every engine. */
export function measureCollections(connection: Connection): (name: string) => Promise<CollectionSize> {
  const samples = new Map<string, Sample>();
  return async (name) => {
    const { documents, bytes } = await readStatistics(connection, name);
    if (bytes > 0 || documents === 0) return { documents, bytes, isEstimated: false };
    let sample = samples.get(name);
    if (!sample || Math.abs(documents - sample.documents) > sample.documents * toleratedChange) {
      sample = { documents, averageBytes: await averageSize(connection, name) };
      samples.set(name, sample);
    }
    return { documents, bytes: Math.round(sample.averageBytes * documents), isEstimated: true };
  };
}

async function readStatistics(connection: Connection, name: string) {
  const [statistics] = await connection
    .collection(name)
    .aggregate<{ count?: number; storageStats?: { count?: number; size?: number } }>([
      { $collStats: { storageStats: {}, count: {} } },
    ])
    .toArray()
    .catch((error: unknown) => {
      if (error instanceof mongo.MongoServerError && error.code === namespaceNotFound) return [];
      throw error;
    });
  return {
    documents: statistics?.count ?? statistics?.storageStats?.count ?? 0,
    bytes: statistics?.storageStats?.size ?? 0,
  };
}

/** Average size of a collection's first documents, in bytes; 0 when it is empty. */
export async function averageSize(connection: Connection, name: string): Promise<number> {
  const [measured] = await connection
    .collection(name)
    .aggregate<{ bytes: number }>([
      { $limit: sampledDocuments },
      { $group: { _id: null, bytes: { $avg: { $bsonSize: '$$ROOT' } } } },
    ])
    .toArray();
  return measured?.bytes ?? 0;
}
