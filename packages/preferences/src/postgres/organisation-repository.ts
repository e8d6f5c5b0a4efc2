import type { Postgres } from '@infratraq/postgres';
import { sql } from 'kysely';
import type { Organisations } from '../settings/organisation-defaults.js';
import type { PreferenceTables } from './tables.js';

/** Binds the repository of organisations to a connection. */
export function createOrganisationRepository(postgres: Postgres): Organisations {
  const { db, transaction: inTransaction } = postgres.withTables<PreferenceTables>();
  return {
    async organisationsOf(userIds) {
      const found = await db
        .selectFrom('infratraq.users')
        .select(['user_id', 'organisation_id'])
        .where('user_id', '=', sql<string>`any(${userIds})`)
        .where('organisation_id', 'is not', null)
        .execute();
      return new Map(found.map(({ user_id, organisation_id }) => [user_id, organisation_id as string]));
    },
    async findSettings(organisationId) {
      const found = await db
        .selectFrom('infratraq.organisations as organisation')
        .leftJoin('infratraq.organisation_preferences as kept', (join) =>
          join.onRef('kept.organisation_id', '=', 'organisation.organisation_id'),
        )
        .where('organisation.organisation_id', '=', organisationId)
        .select(['kept.version', 'kept.schema_version', 'kept.settings'])
        .executeTakeFirst();
      if (!found) return undefined;
      const { version, schema_version, settings } = found;
      return { version: version ?? 0, schema_version: schema_version ?? 1, settings: settings ?? {} };
    },
    writeSettings: (organisationId, { schema_version, settings }, expected) =>
      inTransaction(async (transaction) => {
        const kept = { schema_version, settings: JSON.stringify(settings), version: expected + 1 };
        if (expected > 0) {
          const { numUpdatedRows } = await transaction
            .updateTable('infratraq.organisation_preferences')
            .set({ ...kept, updated_at: sql`now()` })
            .where('organisation_id', '=', organisationId)
            .where('version', '=', expected)
            .executeTakeFirstOrThrow();
          return numUpdatedRows === 1n;
        }
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('infratraq.organisation_preferences')
          .values({ organisation_id: organisationId, ...kept })
          .onConflict((conflict) => conflict.column('organisation_id').doNothing())
          .executeTakeFirstOrThrow();
        return numInsertedOrUpdatedRows === 1n;
      }),
  };
}
