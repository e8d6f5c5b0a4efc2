import { randomUUID } from 'node:crypto';
import type { Connection, mongo } from 'mongoose';
import { readEngine } from './read-engine.js';

/** Features that the store uses where the engine has them. */
export const capabilityNames = [
  'text',
  'indexOrder',
  'partialIndexes',
  'transactions',
  'changeStreams',
  'oplog',
  'profiler',
  'ttlMetrics',
] as const;
export type CapabilityName = (typeof capabilityNames)[number];

/** What the engine behind a connection can do, as tried when it was connected. */
export interface Capabilities extends Readonly<Record<CapabilityName, boolean>> {
  /** The engine's name (`mongodb`, `secantusdb`, `ferretdb`). */
  readonly engine: string;
  /** What the server says its version is. */
  readonly version: string;
  /** One sentence for each feature that is off. */
  readonly off: readonly string[];
}

const consequences: Readonly<Record<CapabilityName, string>> = {
  text: 'has no text indexes, so full-text search is off',
  indexOrder: 'sorts what an index finds, so ordered reads of many documents cost more',
  partialIndexes: 'answers no query from a partial index, so those queries scan their collection',
  transactions: 'has no transactions, so writes to several documents are not atomic',
  changeStreams: 'has no change streams, so changes made in MongoDB itself are not followed',
  oplog: 'shows no oplog, so its window is not watched',
  profiler: 'has no profiler, so slow queries are not read from it',
  ttlMetrics: 'counts no TTL deletions, so the TTL backlog is estimated by counting',
};

/** Tries each feature on a collection that is removed again; nothing is concluded from a version number. */
export async function probeCapabilities(connection: Connection): Promise<Capabilities> {
  const client = connection.getClient();
  const database = client.db(connection.name);
  const scratch = database.collection(`capability_probe_${randomUUID()}`);
  try {
    await scratch.insertOne({ probe: 'first' });
    const answers: Record<CapabilityName, boolean> = {
      text: await works(() => tryText(scratch)),
      indexOrder: await works(() => tryIndexOrder(scratch)),
      partialIndexes: await works(() => tryPartialIndex(scratch)),
      transactions: await works(() => tryTransaction(client, scratch)),
      changeStreams: await works(() => tryChangeStream(scratch)),
      oplog: await works(() => tryOplog(client)),
      profiler: await works(() => database.command({ profile: -1 })),
      ttlMetrics: await works(() => tryTtlMetrics(database)),
    };
    const { name: engine, version } = await readEngine(database);
    const off = capabilityNames
      .filter((name) => !answers[name])
      .map((name) => `${engine} ${version} ${consequences[name]}`);
    return Object.freeze({ engine, version, ...answers, off: Object.freeze(off) });
  } finally {
    await scratch.drop();
  }
}

/** Tries whether the engine has text indexes. */
export async function probeText(connection: Connection): Promise<boolean> {
  const scratch = connection.getClient().db(connection.name).collection(`capability_probe_${randomUUID()}`);
  try {
    await scratch.insertOne({ probe: 'first' });
    return await works(() => tryText(scratch));
  } finally {
    await scratch.drop();
  }
}

// A feature that is missing shows by an error of whatever kind the engine chose; that it failed is the answer.
async function works(attempt: () => Promise<unknown>): Promise<boolean> {
  try {
    await attempt();
    return true;
  } catch {
    return false;
  }
}

async function tryText(scratch: mongo.Collection): Promise<void> {
  await scratch.createIndex({ probe: 'text' });
  const found = await scratch.findOne({ $text: { $search: 'first' } });
  if (!found) throw new Error('A text search does not find what is there');
}

async function tryIndexOrder(scratch: mongo.Collection): Promise<void> {
  await scratch.insertMany(Array.from({ length: 50 }, (_, rank) => ({ group: rank % 5, rank })));
  await scratch.createIndex({ group: 1, rank: 1 });
  const explained = await scratch.find({ group: 1 }).sort({ rank: 1 }).explain('queryPlanner');
  const plan = JSON.stringify(explained['queryPlanner']?.winningPlan ?? null);
  if (!plan.includes('"IXSCAN"') || plan.includes('"SORT"'))
    throw new Error('The order is not read from the index');
}

async function tryPartialIndex(scratch: mongo.Collection): Promise<void> {
  await scratch.insertMany(
    Array.from({ length: 400 }, (_, rank) => (rank % 2 ? { sparse: rank } : { rank })),
  );
  const name = await scratch.createIndex(
    { sparse: 1 },
    { partialFilterExpression: { sparse: { $exists: true } } },
  );
  const explained = await scratch.find({ sparse: 7 }).explain('queryPlanner');
  if (!JSON.stringify(explained).includes(`"${name}"`)) throw new Error('A partial index is not used');
}

async function tryTransaction(client: mongo.MongoClient, scratch: mongo.Collection): Promise<void> {
  const session = client.startSession();
  try {
    session.startTransaction();
    await scratch.insertOne({ probe: 'undone' }, { session });
    await session.abortTransaction();
  } finally {
    await session.endSession();
  }
  if (await scratch.findOne({ probe: 'undone' })) throw new Error('An aborted transaction leaves its writes');
}

async function tryChangeStream(scratch: mongo.Collection): Promise<void> {
  const stream = scratch.watch([], { maxAwaitTimeMS: 50 });
  try {
    await stream.tryNext();
  } finally {
    await stream.close();
  }
}

async function tryOplog(client: mongo.MongoClient): Promise<void> {
  const newest = await client
    .db('local')
    .collection('oplog.rs')
    .findOne({}, { sort: { $natural: -1 } });
  if (!newest) throw new Error('The oplog is empty');
}

async function tryTtlMetrics(database: mongo.Db): Promise<void> {
  const status = await database.admin().command({ serverStatus: 1 });
  if (status['metrics']?.ttl?.deletedDocuments === undefined) throw new Error('There is no metrics.ttl');
}
