import { InfratraqError } from '@infratraq/kernel';
import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { PlatformTables } from '../platform-tables.js';
import { emitActor } from '../transactions/emit-actor.js';

/** A connected PostgreSQL: the typed query builder, its pool, and transactions that carry the actor. */
export interface Postgres<Tables = PlatformTables> {
  readonly db: Kysely<Tables>;
  readonly pool: pg.Pool;
  /** For connections besides the pool's. */
  readonly connection: pg.ClientConfig;
  /**
   * Runs `work` in one transaction that names the current actor first, so that change capture knows who did it.
   * `reason` overrides the actor's own reason.
   */
  transaction<Result>(
    work: (transaction: Transaction<Tables>) => Promise<Result>,
    options?: { reason?: string },
  ): Promise<Result>;
  /**
   * The same connection, with the types of more tables.
   *
   * @example
   * const { db } = postgres.withTables<{ parts: { part_id: number; title: string } }>();
   * await db.insertInto('parts').values({ part_id: 1, title: 'Pump' }).execute();
   */
  withTables<More>(): Postgres<Tables & More>;
  /** Closes the connections that were opened here; a pool of the caller's stays open. */
  close(): Promise<void>;
}

/** Where PostgreSQL is: a URL, or a pool of the caller's, which stays open. */
export type PostgresOptions = PoolSettings &
  (
    { readonly url: string; readonly pool?: undefined } | { readonly pool: pg.Pool; readonly url?: undefined }
  );

interface PoolSettings {
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
   * @default 60_000
   */
  readonly connectTimeoutMilliseconds?: number;
  /** Told of faults on idle connections, which the pool replaces by itself. */
  readonly onIdleError?: ((error: Error) => void) | undefined;
}

/** PostgreSQL did not answer, or refused the connection. */
export class PostgresUnreachableError extends InfratraqError {
  constructor(address: string, cause: unknown) {
    super(
      'postgres.unreachable',
      `PostgreSQL does not answer at ${address}; check POSTGRES_URL and that the server is running`,
      { status: 503, cause },
    );
  }
}

/**
 * Connects to PostgreSQL and proves it with one query.
 *
 * @throws PostgresUnreachableError when no connection can be made
 * @example
 * const postgres = await connectPostgres({ url: process.env.POSTGRES_URL! });
 */
export async function connectPostgres(options: PostgresOptions): Promise<Postgres> {
  const pool = options.pool ?? createPool(options);
  // Without a listener a dropped idle connection would end the process; the pool itself replaces it.
  const onIdleError = (error: Error): void => options.onIdleError?.(error);
  pool.on('error', onIdleError);
  const close = async (): Promise<void> => {
    if (!options.pool) return pool.end();
    pool.off('error', onIdleError);
  };
  try {
    await pool.query('select 1');
  } catch (error) {
    await close();
    throw new PostgresUnreachableError(describeAddress(pool), error);
  }
  const db = new Kysely<PlatformTables>({ dialect: new PostgresDialect({ pool }) });
  let closing: Promise<void> | undefined;
  const postgres: Postgres = {
    db,
    pool,
    // The pool keeps its password out of sight, and out of a spread.
    connection: { ...pool.options, password: pool.options.password },
    transaction: (work, { reason } = {}) =>
      db.transaction().execute(async (transaction) => {
        await emitActor(transaction, reason);
        return work(transaction);
      }),
    // Types are all that differs.
    withTables: () => postgres as never,
    close: () => (closing ??= close()),
  };
  return postgres;
}

function createPool(options: PoolSettings & { readonly url: string }): pg.Pool {
  return new pg.Pool({
    connectionString: options.url,
    application_name: options.applicationName ?? 'infratraq',
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: options.connectTimeoutMilliseconds ?? 60_000,
    types: { getTypeParser },
  });
}

/** Dates stay the text that PostgreSQL writes: node-postgres would shift them by the machine's time zone. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.DATE ? (value: string) => value : pg.types.getTypeParser(oid, format as 'text');

/** Without its password. */
function describeAddress({ options }: pg.Pool): string {
  const { connectionString, host = 'localhost', port = 5432 } = options;
  return connectionString?.replace(/(\/\/[^:/@]*):[^@]*@/, '$1@') ?? `${host}:${port}`;
}
