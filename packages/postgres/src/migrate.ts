import { InfratraqError } from '@infratraq/kernel';
import { Migrator } from 'kysely/migration';
import type { Postgres } from './connect-postgres.js';
import { migrations } from './migrations/index.js';

/** A migration failed; the database is as it was before it. */
export class MigrationFailedError extends InfratraqError {
  constructor(migration: string | undefined, cause: unknown) {
    super(
      'postgres.migration-failed',
      `Migration ${migration ?? '(while preparing)'} failed and was rolled back; see the cause, and run it again once that is solved`,
      { cause },
    );
  }
}

/**
 * Brings the schema `infratraq` up to date and answers the names of the migrations that ran.
 *
 * Any number of servers may call it at once: an advisory lock lets one through, the others find nothing to do.
 */
export async function migrate(postgres: Postgres): Promise<string[]> {
  const migrator = new Migrator({
    db: postgres.db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
    migrationTableSchema: 'infratraq',
    migrationTableName: 'schema_migration',
    migrationLockTableName: 'schema_migration_lock',
  });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error !== undefined) {
    throw new MigrationFailedError(results.find(({ status }) => status === 'Error')?.migrationName, error);
  }
  return results.map(({ migrationName }) => migrationName);
}
