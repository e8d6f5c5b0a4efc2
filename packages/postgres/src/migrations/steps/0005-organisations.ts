import { sql } from 'kysely';
import type { MigrationStep } from '../migration-list.js';

export const organisations: MigrationStep = {
  name: '0005-organisations',
  formerly: '0010-organisation-preferences',
  async up(transaction) {
    await sql`
      create table infratraq.organisations (
        organisation_id text primary key,
        name text not null,
        created_at timestamptz(3) not null default now()
      )`.execute(transaction);
    await sql`
      alter table infratraq.users
      add column organisation_id text references infratraq.organisations on delete set null`.execute(
      transaction,
    );
    await sql`create index users_by_organisation on infratraq.users (organisation_id)`.execute(transaction);
  },
};
