import type { MigrationStep } from '@infratraq/postgres';
import { sql } from 'kysely';

export const endpointsAndKeys: MigrationStep = {
  name: '0001-endpoints-and-keys',
  formerly: '0003-integration',
  async up(transaction) {
    await sql`
      create table infratraq.webhook_endpoints (
        endpoint_id uuid primary key default gen_random_uuid(),
        url text not null,
        description text,
        events text[] not null,
        secret_encrypted bytea not null,
        status text not null default 'active' check (status in ('active', 'paused', 'disabled')),
        created_by text not null references infratraq.users,
        created_at timestamptz(3) not null default now()
      )`.execute(transaction);
    await sql`
      create table infratraq.api_keys (
        api_key_id uuid primary key default gen_random_uuid(),
        prefix text not null,
        key_hash bytea not null unique,
        owner_id text not null references infratraq.users,
        roles text[] not null default '{member}',
        expires_at timestamptz(3),
        revoked_at timestamptz(3),
        created_at timestamptz(3) not null default now()
      )`.execute(transaction);
  },
};
