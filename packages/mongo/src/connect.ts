import { InfratraqError } from '@infratraq/kernel';
import mongoose, { type Connection } from 'mongoose';
import { probeCapabilities, type Capabilities } from './probe-capabilities.js';

/** A connection to one database, and what its engine can do. */
export interface Mongo {
  readonly connection: Connection;
  readonly capabilities: Capabilities;
  /** One sentence for each setting of the URI that does not apply. */
  readonly notices: readonly string[];
  close(): Promise<void>;
}

// Capture, consumers, seals, claims and chat count on reading what was acknowledged: a secondary may lag behind, and
// what no majority has may be rolled back.
const correctness = {
  writeConcern: { w: 'majority', wtimeoutMS: 30_000 },
  readConcern: new mongoose.mongo.ReadConcern('majority'),
  readPreference: 'primary',
} satisfies mongoose.mongo.DbOptions;

/**
 * Connects to MongoDB and finds out what the engine can do.
 *
 * Reads go to the primary and see what a majority has; writes are acknowledged by a majority and retried. What the URI
 * states of that does not apply, and `notices` says so. No operation waits for good. Filters are strict: a field that no schema knows is an error,
 * and an operator object that comes from outside is compared as a value, so that it cannot widen a filter;
 * wrap an operator that your own code writes in `trusted`.
 *
 * @throws InfratraqError `mongo.unreachable` when no server answers within 10 seconds
 */
export async function connectMongo(options: {
  readonly uri: string;
  readonly appName?: string;
  /** Replaces the database that the URI names. */
  readonly database?: string;
  /**
   * Longest wait for a server that takes the operation, and for a connection of the pool.
   * @default 10_000
   */
  readonly waitMilliseconds?: number;
}): Promise<Mongo> {
  const { uri, notices } = withoutReadSettings(options.uri);
  const waitMilliseconds = options.waitMilliseconds ?? 10_000;
  const connection = mongoose.createConnection(uri, {
    ...(options.database !== undefined && { dbName: options.database }),
    appName: options.appName ?? 'infratraq',
    autoCreate: false,
    autoIndex: false,
    ...withoutStated(uri, { serverSelectionTimeoutMS: waitMilliseconds, connectTimeoutMS: 10_000 }),
    ...withoutStated(uri, { waitQueueTimeoutMS: waitMilliseconds, socketTimeoutMS: 120_000 }),
    ...withoutStated(uri, { retryWrites: true, retryReads: true }),
    ...correctness,
  });
  // Given as an option of the connection, this setting is stored where queries don't look for it.
  connection.set('sanitizeFilter', true);
  try {
    await connection.asPromise();
    const capabilities = await probeCapabilities(connection);
    return { connection, capabilities, notices, close: () => connection.close() };
  } catch (cause) {
    await connection.close();
    throw new InfratraqError(
      'mongo.unreachable',
      `No MongoDB answers at ${withoutPassword(options.uri)}; check MONGODB_URI and that the server runs`,
      { status: 503, cause },
    );
  }
}

/**
 * A connection like {@link connectMongo}'s over the caller's client: the caller's own models keep their names, their
 * filters and what they read and write with.
 */
export async function adoptConnection(connection: Connection): Promise<Connection> {
  const { name } = await connection.asPromise();
  // Mongoose keeps no listener on the caller's connection with it; its types do not say so.
  const options: object = { noListener: true };
  const adopted = connection.useDb(name, options);
  adopted.set('sanitizeFilter', true);
  return Object.assign(adopted, { db: connection.getClient().db(name, correctness) });
}

const readSettings = /^(readPreference|readPreferenceTags|maxStalenessSeconds|readConcernLevel)=/i;

/** Takes out of an address where reads go to: tags, for one, can't be told together with the primary. */
function withoutReadSettings(uri: string): { uri: string; notices: readonly string[] } {
  const [address, query] = uri.split('?', 2) as [string, string | undefined];
  const settings = query?.split('&') ?? [];
  const kept = settings.filter((setting) => !readSettings.test(setting));
  const notices = settings
    .filter((setting) => readSettings.test(setting) && !/^readPreference=primary$/i.test(setting))
    .map((setting) => `MONGODB_URI states ${setting}, which does not apply: reads go to the primary`);
  return { uri: kept.length > 0 ? `${address}?${kept.join('&')}` : address, notices };
}

/** Leaves out the settings that the address states itself. */
function withoutStated<Settings extends object>(uri: string, settings: Settings): Partial<Settings> {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => !new RegExp(`[?&]${name}=`, 'i').test(uri)),
  ) as Partial<Settings>;
}

function withoutPassword(uri: string): string {
  return uri.replace(/\/\/[^@/]*@/, '//');
}
