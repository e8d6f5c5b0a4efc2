import pg from 'pg';
import { requireNoneHeld } from './held-connection.js';
import { superviseClient } from './supervise-client.js';
import { defaultTimeLimits, writeLimits, type TimeLimits } from './time-limits.js';

/** How a pool is made, and what it tells. */
export interface PoolSettings {
  /**
   * Shown in `pg_stat_activity`.
   * @default 'infratraq'
   */
  readonly applicationName?: string;
  /**
   * Most connections that the pool opens.
   * @default 10
   */
  readonly maxConnections?: number;
  /**
   * Longest wait for a connection, whether it is made or given back by others. A network may swallow everything and
   * close nothing.
   * @default 5_000
   */
  readonly connectTimeoutMilliseconds?: number;
  /** Limits of time for the pool's connections. They do not apply to a pool of the caller's. */
  readonly timeLimits?: Partial<TimeLimits>;
  /** Told of connections that were lost, which the pool replaces by itself. */
  readonly onIdleError?: ((error: Error) => void) | undefined;
}

/** PostgreSQL tells of its own limit first: that leaves the connection usable. */
const answerGraceMilliseconds = 3_000;

/** A pool that refuses a second connection to work that holds one. */
class GuardedPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Callback): void;
  override connect(callback?: Callback): Promise<pg.PoolClient> | void {
    try {
      requireNoneHeld();
    } catch (error) {
      if (!callback) return Promise.reject(error as Error);
      callback(error as Error, undefined, () => undefined);
      return undefined;
    }
    return callback ? super.connect(callback) : super.connect();
  }
}

type Callback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: Error | boolean) => void,
) => void;

/** Makes a pool whose connections have limits of time. */
export function createPool(options: PoolSettings & { readonly url: string }): pg.Pool {
  const limits = { ...defaultTimeLimits, ...options.timeLimits };
  return new GuardedPool({
    connectionString: options.url,
    application_name: options.applicationName ?? 'infratraq',
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: options.connectTimeoutMilliseconds ?? 5_000,
    keepAlive: true,
    types: { getTypeParser },
    // Part of the settings, so that pools which others make of them have it too. The pool waits for it.
    onConnect: async (client) => {
      superviseClient(client, limits.statementMilliseconds + answerGraceMilliseconds);
      await client.query(writeLimits(limits));
    },
  });
}

/**
 * Listens to errors of the pool's connections, idle or in use: one without a listener would end the process. Answers how
 * to stop.
 */
export function watchPool(pool: pg.Pool, report: (error: Error) => void): () => void {
  const acquire = (client: pg.PoolClient): unknown => client.on('error', report);
  const release = (_error: Error, client: pg.PoolClient): unknown => client.off('error', report);
  pool.on('error', report);
  pool.on('acquire', acquire);
  pool.on('release', release);
  return () => {
    pool.off('error', report);
    pool.off('acquire', acquire);
    pool.off('release', release);
  };
}

/** Dates stay the text that PostgreSQL writes: node-postgres would shift them by the machine's time zone. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.DATE ? (value: string) => value : pg.types.getTypeParser(oid, format as 'text');
