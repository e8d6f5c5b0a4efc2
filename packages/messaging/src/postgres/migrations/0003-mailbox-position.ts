import type { MigrationStep } from '@infratraq/postgres';
import { sql } from 'kysely';

export const mailboxPosition: MigrationStep = {
  name: '0003-mailbox-position',
  formerly: '0011-mailbox-position',
  async up(transaction) {
    await sql`
      create table infratraq.mailbox_position (
        mailbox text primary key,
        uid_validity text not null,
        last_uid bigint not null check (last_uid >= 0),
        moved_at timestamptz(3) not null default now()
      )`.execute(transaction);
  },
};
