import { warnOfError, type ReportError } from '@infratraq/kernel';
import type pg from 'pg';
import { migrate } from '../migrations/migrate.js';
import type { MigrationList } from '../migrations/migration-list.js';
import { connectPostgres, type Postgres } from './connect-postgres.js';

/**
 * Where PostgreSQL is: a URL, which is connected to and closed again; a pool of the caller's, which stays open; or a
 * connection of this package, which stays open too.
 */
export type PostgresSource =
  | { readonly postgresUrl: string; readonly pool?: undefined; readonly postgres?: undefined }
  | { readonly pool: pg.Pool; readonly postgresUrl?: undefined; readonly postgres?: undefined }
  | { readonly postgres: Postgres; readonly postgresUrl?: undefined; readonly pool?: undefined };

/** A connection that is ready, and how to let go of what was opened for it. */
export interface OpenedPostgres {
  readonly postgres: Postgres;
  /** Closes the connections that this opened. */
  close(): Promise<void>;
}

/**
 * Connects where a URL or a pool is given, and runs the migrations of the platform and of these owners.
 *
 * @throws InfratraqError `postgres.unreachable`, `postgres.migration-failed`
 * @example
 * const { postgres, close } = await openPostgres({ postgresUrl }, [auditMigrations]);
 */
export async function openPostgres(
  source: PostgresSource,
  migrations: readonly MigrationList[] = [],
  { onError = warnOfError }: { readonly onError?: ReportError | undefined } = {},
): Promise<OpenedPostgres> {
  const opened = source.postgres ? undefined : await connect(source, onError);
  const postgres = source.postgres ?? opened!;
  const close = async (): Promise<void> => opened?.close();
  try {
    await migrate(postgres, migrations);
    return { postgres, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function connect(
  source: Exclude<PostgresSource, { readonly postgres: Postgres }>,
  onError: ReportError,
): Promise<Postgres> {
  const onIdleError = (error: Error): void => onError(error, 'keeping a connection to PostgreSQL');
  return connectPostgres(
    source.pool ? { pool: source.pool, onIdleError } : { url: source.postgresUrl, onIdleError },
  );
}
