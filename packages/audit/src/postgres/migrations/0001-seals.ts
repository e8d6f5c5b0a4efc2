import type { MigrationStep } from '@infratraq/postgres';
import { sql } from 'kysely';

export const seals: MigrationStep = {
  name: '0001-seals',
  formerly: '0005-audit-seals',
  async up(transaction) {
    await sql`
      create table infratraq.audit_seal (
        sequence bigint primary key check (sequence > 0),
        first_id text collate "C" not null,
        last_id text collate "C" not null unique,
        change_count integer not null check (change_count > 0),
        merkle_root text not null,
        previous_head text not null unique,
        chain_head text not null unique,
        sealed_at timestamptz(3) not null,
        packed_changes bytea not null,
        published_at timestamptz(3)
      )`.execute(transaction);
    await sql`
      create index audit_seal_unpublished on infratraq.audit_seal (sequence) where published_at is null`.execute(
      transaction,
    );
  },
};
