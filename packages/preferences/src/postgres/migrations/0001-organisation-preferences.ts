import type { MigrationStep } from '@infratraq/postgres';
import { sql } from 'kysely';

export const organisationPreferences: MigrationStep = {
  name: '0001-organisation-preferences',
  formerly: '0010-organisation-preferences',
  async up(transaction) {
    await sql`
      create table infratraq.organisation_preferences (
        organisation_id text primary key references infratraq.organisations on delete cascade,
        schema_version integer not null check (schema_version > 0),
        version integer not null check (version > 0),
        settings jsonb not null,
        updated_at timestamptz(3) not null default now()
      )`.execute(transaction);
  },
};
