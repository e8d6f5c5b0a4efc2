import { sql } from 'kysely';
import type { MigrationStep } from '../migration-list.js';

/** Announces that users may have been suspended or admitted again, whoever changes them. */
export const announceUsers: MigrationStep = {
  name: '0006-announce-users',
  async up(transaction) {
    await sql`
      create function infratraq.announce_users() returns trigger language plpgsql as $$
      begin
        perform pg_notify('infratraq_users', '');
        return null;
      end $$`.execute(transaction);
    await sql`
      create trigger announce_users
      after insert or update of user_id, status or delete or truncate on infratraq.users
      for each statement execute function infratraq.announce_users()`.execute(transaction);
    await sql`create index users_barred on infratraq.users (user_id) where status <> 'active'`.execute(
      transaction,
    );
  },
};
