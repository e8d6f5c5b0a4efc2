import { InfratraqError } from '@infratraq/kernel';
import mongoose, { type Connection } from 'mongoose';
import { probeCapabilities, type Capabilities } from './probe-capabilities.js';

/** A connection to one database, and what its engine can do. */
export interface Mongo {
  readonly connection: Connection;
  readonly capabilities: Capabilities;
  close(): Promise<void>;
}

/**
 * Connects to MongoDB and finds out what the engine can do.
 *
 * Writes are acknowledged by a majority and retried. Filters are strict: a field that no schema knows is an error,
 * and an operator object that comes from outside is compared as a value, so that it cannot widen a filter;
 * wrap an operator that your own code writes in `trusted`.
 *
 * @throws InfratraqError `mongo.unreachable` when no server answers within 10 seconds
 */
export async function connectMongo(options: { uri: string; appName?: string }): Promise<Mongo> {
  const connection = mongoose.createConnection(options.uri, {
    appName: options.appName ?? 'infratraq',
    autoCreate: false,
    autoIndex: false,
    ...withoutStated(options.uri, { serverSelectionTimeoutMS: 10_000, connectTimeoutMS: 10_000 }),
    ...withoutStated(options.uri, { socketTimeoutMS: 120_000, retryWrites: true, retryReads: true }),
    writeConcern: { w: 'majority', wtimeoutMS: 30_000 },
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
      `no MongoDB answers at ${withoutPassword(options.uri)}; check MONGODB_URI and that the server runs`,
      { status: 503, cause },
    );
  }
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
