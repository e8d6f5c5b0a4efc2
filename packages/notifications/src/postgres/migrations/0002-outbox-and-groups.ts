import type { MigrationStep } from '@infratraq/postgres';
import { sql } from 'kysely';

export const outboxAndGroups: MigrationStep = {
  name: '0002-outbox-and-groups',
  formerly: '0009-notifications',
  async up(transaction) {
    await sql`
      create table infratraq.groups (
        group_id text primary key,
        title text not null,
        created_at timestamptz(3) not null default now()
      )`.execute(transaction);
    await sql`
      create table infratraq.group_members (
        group_id text not null references infratraq.groups on delete cascade,
        user_id text not null references infratraq.users on delete cascade,
        joined_at timestamptz(3) not null default now(),
        primary key (group_id, user_id)
      )`.execute(transaction);
    await sql`create index group_members_by_user on infratraq.group_members (user_id)`.execute(transaction);
    await sql`
      create table infratraq.entity_followers (
        entity_type text not null,
        entity_id text not null,
        user_id text not null references infratraq.users on delete cascade,
        followed_at timestamptz(3) not null default now(),
        primary key (entity_type, entity_id, user_id)
      )`.execute(transaction);
    await sql`create index entity_followers_by_user on infratraq.entity_followers (user_id)`.execute(
      transaction,
    );
    await sql`
      create table infratraq.notification_outbox (
        notification_id uuid primary key,
        idempotency_key text unique,
        request jsonb not null,
        cause_id text,
        accepted_at timestamptz(3) not null,
        withdrawal text check (withdrawal in ('cancelled', 'retracted')),
        withdrawn_at timestamptz(3)
      )`.execute(transaction);
    await sql`
      create index notification_outbox_by_time on infratraq.notification_outbox (accepted_at)`.execute(
      transaction,
    );
    await sql`
      create table infratraq.notification_throttle (
        type text not null,
        throttle_key text not null,
        user_id text not null,
        notification_id uuid not null,
        open_until timestamptz(3) not null,
        primary key (type, throttle_key, user_id)
      )`.execute(transaction);
    await sql`
      create index notification_throttle_by_time on infratraq.notification_throttle (open_until)`.execute(
      transaction,
    );
  },
};
