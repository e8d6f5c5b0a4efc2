import { Kysely, PostgresDialect } from 'kysely';
import type { PlatformTables } from '../platform-tables.js';
import type { OpenTransaction } from './open-transaction.js';

/**
 * An open transaction of any client of PostgreSQL. A client of `pg` is one as it is; a line makes one of an ORM's, such
 * as `{ query: async (sql, values) => ({ rows: await prisma.$queryRawUnsafe(sql, ...values) }) }`.
 */
export interface SqlTransaction {
  /** Runs one statement, whose parameters are written `$1`, `$2`, …. */
  query(sql: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

/** Makes a transaction of another client one of ours. The other client goes on to commit it or to roll it back. */
export function adoptTransaction(transaction: OpenTransaction | SqlTransaction): OpenTransaction {
  if (!('query' in transaction)) return transaction;
  const client = {
    query: async (sql: string, values: readonly unknown[]) => {
      const { rows } = await transaction.query(sql, [...values]);
      return { command: 'SELECT', rowCount: rows.length, rows };
    },
    release: () => undefined,
  };
  // A pool of this one connection.
  const pool = { options: {}, connect: async () => client as never, end: async () => undefined };
  return new Kysely<PlatformTables>({ dialect: new PostgresDialect({ pool }) });
}
