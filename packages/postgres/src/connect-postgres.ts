import { InfratraqError } from '@infratraq/kernel';
import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import type { Database } from './database.js';
import { emitActor } from './emit-actor.js';

/** A connected PostgreSQL: the typed query builder, its pool, and transactions that carry the actor. */
export interface Postgres {
  readonly db: Kysely<Database>;
  readonly pool: pg.Pool;
  readonly url: string;
  /**
   * Runs `work` in one transaction that names the current actor first, so that change capture knows who did it.
   * `reason` overrides the actor's own reason.
   */
  transaction<Result>(
    work: (transaction: Transaction<Database>) => Promise<Result>,
    options?: { reason?: string },
  ): Promise<Result>;
  close(): Promise<void>;
}

export interface PostgresOptions {
  url: string;
  /** Shown in `pg_stat_activity`. */
  applicationName?: string;
  /** Most connections that the pool opens; 10 unless told. */
  maxConnections?: number;
  /**
   * Longest wait for a connection, made anew or given back by others, in milliseconds; 60,000 unless told. A network may
   * swallow everything and close nothing.
   */
  connectTimeoutMilliseconds?: number;
  /** Told of faults on idle connections, which the pool replaces by itself. */
  onIdleError?: (error: Error) => void;
}

/** PostgreSQL did not answer, or refused the connection. */
export class PostgresUnreachableError extends InfratraqError {
  constructor(url: string, cause: unknown) {
    super(
      'postgres.unreachable',
      `PostgreSQL does not answer at ${withoutPassword(url)}; check POSTGRES_URL and that the server is running`,
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
 * await postgres.transaction((transaction) =>
 *   transaction.updateTable('projects').set({ status: 'on_hold' }).where('project_id', '=', 42).execute(),
 * );
 */
export async function connectPostgres(options: PostgresOptions): Promise<Postgres> {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.applicationName ?? 'infratraq',
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: options.connectTimeoutMilliseconds ?? 60_000,
    types: { getTypeParser },
  });
  // Without a listener a dropped idle connection would end the process; the pool itself replaces it.
  pool.on('error', (error) => options.onIdleError?.(error));
  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    throw new PostgresUnreachableError(options.url, error);
  }
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  return {
    db,
    pool,
    url: options.url,
    transaction: (work, { reason } = {}) =>
      db.transaction().execute(async (transaction) => {
        await emitActor(transaction, reason);
        return work(transaction);
      }),
    close: async () => {
      await db.destroy();
      // The query builder closes the pool only if it has used it.
      if (!pool.ending) await pool.end();
    },
  };
}

/** Dates stay the text that PostgreSQL writes: node-postgres would shift them by the machine's time zone. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.DATE ? (value: string) => value : pg.types.getTypeParser(oid, format as 'text');

function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^:/@]*):[^@]*@/, '$1@');
}
