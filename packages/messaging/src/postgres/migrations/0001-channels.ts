import type { MigrationStep } from '@infratraq/postgres';
import { sql } from 'kysely';

export const channels: MigrationStep = {
  name: '0001-channels',
  formerly: '0002-people-and-channels',
  async up(transaction) {
    await sql`
      create table infratraq.channels (
        channel_id text primary key,
        entity_type text,
        entity_id text,
        title text not null,
        kind text not null default 'group' check (kind in ('entity', 'group', 'direct')),
        created_at timestamptz(3) not null default now(),
        check ((entity_type is null) = (entity_id is null)),
        check (kind <> 'entity' or entity_type is not null)
      )`.execute(transaction);
    await sql`create index channels_by_entity on infratraq.channels (entity_type, entity_id)`.execute(
      transaction,
    );
    await sql`
      create table infratraq.channel_members (
        channel_id text not null references infratraq.channels on delete cascade,
        user_id text not null references infratraq.users,
        role text not null default 'member' check (role in ('owner', 'member', 'reader')),
        joined_at timestamptz(3) not null default now(),
        history_from timestamptz(3),
        primary key (channel_id, user_id)
      )`.execute(transaction);
    await sql`create index channel_members_by_user on infratraq.channel_members (user_id)`.execute(
      transaction,
    );
  },
};
