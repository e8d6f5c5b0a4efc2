import { sql, type Kysely } from 'kysely';

/** Which columns are sensitive: master data, so that declaring one is itself captured and sealed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Changes name a table of the schema public without it; a row that did not would protect nothing.
  await sql`
    create table infratraq.sensitive_fields (
      table_name text not null check (table_name !~ '^public\\.'),
      column_name text not null,
      masking text not null default 'partial' check (masking in ('partial', 'digest', 'full')),
      reason text not null check (btrim(reason) <> ''),
      declared_at timestamptz(3) not null default now(),
      primary key (table_name, column_name)
    )`.execute(db);
}
