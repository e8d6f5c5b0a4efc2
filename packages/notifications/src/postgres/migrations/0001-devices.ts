import type { MigrationStep } from '@infratraq/postgres';
import { sql } from 'kysely';

export const devices: MigrationStep = {
  name: '0001-devices',
  formerly: '0002-people-and-channels',
  async up(transaction) {
    await sql`
      create table infratraq.device_registrations (
        device_id uuid primary key default gen_random_uuid(),
        user_id text not null references infratraq.users,
        platform text not null check (platform in ('web', 'android', 'ios')),
        push_target jsonb not null,
        status text not null default 'active' check (status in ('active', 'expired')),
        registered_at timestamptz(3) not null default now(),
        last_seen_at timestamptz(3) not null default now()
      )`.execute(transaction);
    await sql`create index device_registrations_by_user on infratraq.device_registrations (user_id)`.execute(
      transaction,
    );
  },
};
