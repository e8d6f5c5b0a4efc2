import type { MigrationStep } from '@infratraq/postgres';
import { sql } from 'kysely';

/** What mailboxes have called spam; people of another directory than ours are kept here too. */
export const mailComplaints: MigrationStep = {
  name: '0004-mail-complaints',
  formerly: '0016-mail-complaints',
  async up(transaction) {
    await sql`
      create table infratraq.mail_complaints (
        user_id text not null,
        address_sha256 text not null check (address_sha256 ~ '^[0-9a-f]{64}$'),
        type text not null,
        complained_at timestamptz(3) not null,
        feedback_type text not null,
        reported_by text,
        provider_message_id text not null,
        lifted_at timestamptz(3),
        lifted_by text,
        primary key (user_id, address_sha256, type)
      )`.execute(transaction);
  },
};
