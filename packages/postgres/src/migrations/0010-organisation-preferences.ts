import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table infratraq.organisations (
      organisation_id text primary key,
      name text not null,
      created_at timestamptz(3) not null default now()
    )`.execute(db);
  await sql`
    alter table infratraq.users
    add column organisation_id text references infratraq.organisations on delete set null`.execute(db);
  await sql`create index users_by_organisation on infratraq.users (organisation_id)`.execute(db);
  await sql`
    create table infratraq.organisation_preferences (
      organisation_id text primary key references infratraq.organisations on delete cascade,
      schema_version integer not null check (schema_version > 0),
      version integer not null check (version > 0),
      settings jsonb not null,
      updated_at timestamptz(3) not null default now()
    )`.execute(db);
}
