import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table infratraq.users (
      user_id text primary key,
      email text unique,
      display_name text not null,
      roles text[] not null default '{member}',
      status text not null default 'active' check (status in ('active', 'suspended', 'departed')),
      created_at timestamptz(3) not null default now(),
      updated_at timestamptz(3) not null default now()
    )`.execute(db);
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
    )`.execute(db);
  await sql`create index channels_by_entity on infratraq.channels (entity_type, entity_id)`.execute(db);
  await sql`
    create table infratraq.channel_members (
      channel_id text not null references infratraq.channels on delete cascade,
      user_id text not null references infratraq.users,
      role text not null default 'member' check (role in ('owner', 'member', 'reader')),
      joined_at timestamptz(3) not null default now(),
      history_from timestamptz(3),
      primary key (channel_id, user_id)
    )`.execute(db);
  await sql`create index channel_members_by_user on infratraq.channel_members (user_id)`.execute(db);
  await sql`
    create table infratraq.device_registrations (
      device_id uuid primary key default gen_random_uuid(),
      user_id text not null references infratraq.users,
      platform text not null check (platform in ('web', 'android', 'ios')),
      push_target jsonb not null,
      status text not null default 'active' check (status in ('active', 'expired')),
      registered_at timestamptz(3) not null default now(),
      last_seen_at timestamptz(3) not null default now()
    )`.execute(db);
  await sql`create index device_registrations_by_user on infratraq.device_registrations (user_id)`.execute(
    db,
  );
}
