import type { MigrationStep } from '@infratraq/postgres';
import { sql } from 'kysely';

/** What channels need that people make: who made them with which key, scopes, archiving, managers, and mutes. */
export const madeChannels: MigrationStep = {
  name: '0004-made-channels',
  async up(transaction) {
    await sql`
      alter table infratraq.channels
        add column created_by text,
        add column client_channel_id text,
        add column fingerprint text,
        add column direct_key text unique,
        add column archived_at timestamptz(3),
        add column members_by_scope boolean not null default false,
        add column scopes text[] not null default '{}',
        add check (not members_by_scope or entity_type is not null),
        add check ((kind = 'direct') or direct_key is null),
        add unique (created_by, client_channel_id)`.execute(transaction);
    await sql`
      create index channels_by_scope on infratraq.channels using gin (scopes) where members_by_scope`.execute(
      transaction,
    );
    await sql`
      alter table infratraq.channel_members
        drop constraint channel_members_role_check,
        add constraint channel_members_role_check check (role in ('owner', 'manager', 'member', 'reader'))`.execute(
      transaction,
    );
    await sql`
      create table infratraq.channel_mutes (
        channel_id text not null references infratraq.channels on delete cascade,
        user_id text not null,
        muted_at timestamptz(3) not null default now(),
        primary key (channel_id, user_id)
      )`.execute(transaction);
  },
};
