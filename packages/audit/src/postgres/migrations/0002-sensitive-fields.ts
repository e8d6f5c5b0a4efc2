import type { MigrationStep } from '@infratraq/postgres';
import { sql } from 'kysely';

/** Which columns are sensitive: master data, so that declaring one is itself captured and sealed. */
export const sensitiveFields: MigrationStep = {
  name: '0002-sensitive-fields',
  formerly: '0006-sensitive-fields',
  async up(transaction) {
    // Changes name a table of the schema public without it; a row that did not would protect nothing.
    await sql`
      create table infratraq.sensitive_fields (
        table_name text not null check (table_name !~ '^public\\.'),
        column_name text not null,
        masking text not null default 'partial' check (masking in ('partial', 'digest', 'full')),
        reason text not null check (btrim(reason) <> ''),
        declared_at timestamptz(3) not null default now(),
        primary key (table_name, column_name)
      )`.execute(transaction);
  },
};
