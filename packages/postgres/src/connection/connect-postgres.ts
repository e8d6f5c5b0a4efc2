import { InfratraqError } from '@infratraq/kernel';
import { PostgresDialect, type Kysely, type Transaction } from 'kysely';
import type pg from 'pg';
import type { PlatformTables } from '../platform-tables.js';
import { emitActor } from '../transactions/emit-actor.js';
import { createPool, watchPool, type PoolSettings } from './create-pool.js';
import { GuardedKysely, requireNoneHeld } from './held-connection.js';
import { PostgresPoolerError, requireSessions } from './require-sessions.js';

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
 * A connection that PostgreSQL ends never ends the process, whoever uses it at that moment. Every statement, and every
 * wait for a lock or a connection, has a limit of time.
 *
 * @throws PostgresUnreachableError when no connection can be made
 * @throws PostgresPoolerError `postgres.pooler` when sessions do not hold
 * @example
 * const postgres = await connectPostgres({ url: process.env.POSTGRES_URL! });
 */
export async function connectPostgres(options: PostgresOptions): Promise<Postgres> {
  const pool = options.pool ?? createPool(options);
  const unwatch = watchPool(pool, (error) => options.onIdleError?.(error));
  const close = async (): Promise<void> => (options.pool ? unwatch() : pool.end());
  // The pool keeps its password out of sight, and out of a spread.
  const connection = { ...pool.options, password: pool.options.password };
  try {
    await prove(pool, connection);
  } catch (error) {
    await close();
    throw error instanceof PostgresPoolerError
      ? error
      : new PostgresUnreachableError(describeAddress(pool), error);
  }
  const guarded = {
    options: pool.options,
    connect: () => {
      requireNoneHeld();
      return pool.connect();
    },
    end: () => pool.end(),
  };
  const db = new GuardedKysely<PlatformTables>({ dialect: new PostgresDialect({ pool: guarded }) });
  let closing: Promise<void> | undefined;
  const postgres: Postgres = {
    db,
    pool,
    connection,
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

async function prove(pool: pg.Pool, connection: pg.ClientConfig): Promise<void> {
  const client = await pool.connect();
  try {
    await requireSessions(client, connection);
  } finally {
    client.release();
  }
}

/** Without its password. */
function describeAddress({ options }: pg.Pool): string {
  const { connectionString, host = 'localhost', port = 5432 } = options;
  return connectionString?.replace(/(\/\/[^:/@]*):[^@]*@/, '$1@') ?? `${host}:${port}`;
}
