import { InfratraqError } from '@infratraq/kernel';
import mongoose, { type Connection } from 'mongoose';
import { probeCapabilities, type Capabilities } from './probe-capabilities.js';

/** A connection to one database, and what its engine can do. */
export interface Mongo {
  readonly connection: Connection;
  readonly capabilities: Capabilities;
  close(): Promise<void>;
}

const writeConcern = { w: 'majority', wtimeoutMS: 30_000 } as const;

/**
 * Connects to MongoDB and finds out what the engine can do.
 *
 * Writes are acknowledged by a majority and retried. Filters are strict: a field that no schema knows is an error,
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
}): Promise<Mongo> {
  const connection = mongoose.createConnection(options.uri, {
    ...(options.database !== undefined && { dbName: options.database }),
    appName: options.appName ?? 'infratraq',
    autoCreate: false,
    autoIndex: false,
    ...withoutStated(options.uri, { serverSelectionTimeoutMS: 10_000, connectTimeoutMS: 10_000 }),
    ...withoutStated(options.uri, { socketTimeoutMS: 120_000, retryWrites: true, retryReads: true }),
    writeConcern,
  });
  // Given as an option of the connection, this setting is stored where queries don't look for it.
  connection.set('sanitizeFilter', true);
  try {
    await connection.asPromise();
    const capabilities = await probeCapabilities(connection);
    return { connection, capabilities, close: () => connection.close() };
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
 * filters and their write concern.
 */
export async function adoptConnection(connection: Connection): Promise<Connection> {
  const { name } = await connection.asPromise();
  // Mongoose keeps no listener on the caller's connection with it; its types do not say so.
  const options: object = { noListener: true };
  const adopted = connection.useDb(name, options);
  adopted.set('sanitizeFilter', true);
  return Object.assign(adopted, { db: connection.getClient().db(name, { writeConcern }) });
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
