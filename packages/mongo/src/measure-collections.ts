import { setTimeout as delay } from 'node:timers/promises';
import { mongo, type Connection } from 'mongoose';
import { openHousekeeping, type HousekeepingEntry } from './housekeeping.js';
import { takeLease } from './lease.js';

/** How much a collection holds. */
export interface CollectionSize {
  readonly documents: number;
  /** Size of the documents as BSON, before compression and without indexes. */
  readonly bytes: number;
  /** The engine reports no size; it is estimated from the average of a sample. */
  readonly isEstimated: boolean;
  /** When it was so; a moment ago where the engine keeps count itself. */
  readonly countedAt: Date;
}

const sampledDocuments = 100;
/** An engine that takes longer counts documents one by one. */
const patienceMilliseconds = 20;
/** A count is used this many times as long as it took, so that counting takes at most a twentieth of the time. */
const usesOfCount = 20;
const shortestUseMilliseconds = 5_000;
const pollMilliseconds = 100;

/** What the server says of a collection that does not exist. */
const namespaceNotFound = 26;
const maxTimeExpired = 50;

interface Count extends CollectionSize {
  readonly tookMilliseconds: number;
}

/**
 * Answers a function that measures a collection by name. Where the engine counts documents one by one, the count of a
 * large collection is kept in the database, for all processes, and one of them renews it at a time.
 */
export function measureCollections(connection: Connection): (name: string) => Promise<CollectionSize> {
  const counts = new Map<string, Count>();
  const counting = new Map<string, Promise<Count>>();
  const recount = (name: string) => {
    const running = counting.get(name) ?? renewCount(connection, name).finally(() => counting.delete(name));
    counting.set(name, running);
    return running.then((count) => {
      counts.set(name, count);
      return count;
    });
  };
  return async (name) => {
    const known = counts.get(name);
    if (!known) {
      const size = await countDirectly(connection, name, patienceMilliseconds);
      if (size) return size;
    }
    const count = known ?? (await readCount(connection, name)) ?? (await recount(name));
    counts.set(name, count);
    // It is asked for again; until then the age of the answer is told. A count that fails is tried anew the next time.
    if (isOld(count)) recount(name).catch(() => counts.delete(name));
    return count;
  };
}

function isOld({ countedAt, tookMilliseconds }: Count): boolean {
  return Date.now() - countedAt.getTime() > Math.max(shortestUseMilliseconds, usesOfCount * tookMilliseconds);
}

/** Counts, or waits for the process that is counting. */
async function renewCount(connection: Connection, name: string): Promise<Count> {
  for (;;) {
    const present = await readCount(connection, name);
    if (present && !isOld(present)) return present;
    const lease = await takeLease(connection, entryOf(name));
    if (!lease) {
      await delay(pollMilliseconds);
      continue;
    }
    try {
      const start = performance.now();
      const size = (await countDirectly(connection, name)) as CollectionSize;
      const tookMilliseconds = performance.now() - start;
      const { documents, bytes, isEstimated, countedAt } = size;
      await lease.note({
        documents,
        bytes,
        is_estimated: isEstimated,
        counted_at: countedAt,
        took_milliseconds: tookMilliseconds,
      });
      return { ...size, tookMilliseconds };
    } finally {
      await lease.release();
    }
  }
}

async function readCount(connection: Connection, name: string): Promise<Count | undefined> {
  const entry = await openHousekeeping(connection).findOne({ _id: entryOf(name) });
  if (!isCount(entry)) return undefined;
  return {
    documents: entry.documents,
    bytes: entry.bytes,
    isEstimated: entry.is_estimated,
    countedAt: entry.counted_at,
    tookMilliseconds: entry.took_milliseconds,
  };
}

interface CountEntry extends HousekeepingEntry {
  readonly documents: number;
  readonly bytes: number;
  readonly is_estimated: boolean;
  readonly counted_at: Date;
  readonly took_milliseconds: number;
}

function isCount(entry: HousekeepingEntry | null): entry is CountEntry {
  return entry?.['counted_at'] instanceof Date;
}

function entryOf(name: string): string {
  return `size of ${name}`;
}

/** Undefined when it takes longer than it may. */
async function countDirectly(
  connection: Connection,
  name: string,
  maxTimeMS?: number,
): Promise<CollectionSize | undefined> {
  try {
    const { documents, bytes } = await readStatistics(connection, name, maxTimeMS);
    const isEstimated = bytes === 0 && documents > 0;
    const average = isEstimated ? await averageSize(connection, name, maxTimeMS) : 0;
    return {
      documents,
      bytes: isEstimated ? Math.round(average * documents) : bytes,
      isEstimated,
      countedAt: new Date(),
    };
  } catch (error) {
    if (error instanceof mongo.MongoServerError && error.code === maxTimeExpired) return undefined;
    throw error;
  }
}

async function readStatistics(connection: Connection, name: string, maxTimeMS?: number) {
  const [statistics] = await connection
    .collection(name)
    .aggregate<{ count?: number; storageStats?: { count?: number; size?: number } }>(
      [{ $collStats: { storageStats: {}, count: {} } }],
      maxTimeMS === undefined ? {} : { maxTimeMS },
    )
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
export async function averageSize(connection: Connection, name: string, maxTimeMS?: number): Promise<number> {
  const [measured] = await connection
    .collection(name)
    .aggregate<{ bytes: number }>(
      [{ $limit: sampledDocuments }, { $group: { _id: null, bytes: { $avg: { $bsonSize: '$$ROOT' } } } }],
      maxTimeMS === undefined ? {} : { maxTimeMS },
    )
    .toArray();
  return measured?.bytes ?? 0;
}
