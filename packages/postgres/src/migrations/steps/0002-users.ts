import { sql } from 'kysely';
import type { MigrationStep } from '../migration-list.js';

export const users: MigrationStep = {
  name: '0002-users',
  formerly: '0002-people-and-channels',
  async up(transaction) {
    await sql`
      create table infratraq.users (
        user_id text primary key,
        email text unique,
        display_name text not null,
        roles text[] not null default '{member}',
        status text not null default 'active' check (status in ('active', 'suspended', 'departed')),
        created_at timestamptz(3) not null default now(),
        updated_at timestamptz(3) not null default now()
      )`.execute(transaction);
  },
};
