-- A database of the version whose one list of migrations ended with 0017-audit-seal-head: what those statements made, and a few rows.
create schema if not exists "infratraq";
create table if not exists "infratraq"."schema_migration" ("name" varchar(255) not null primary key, "timestamp" varchar(255) not null);
create table if not exists "infratraq"."schema_migration_lock" ("id" varchar(255) not null primary key, "is_locked" integer default 0 not null);
insert into "infratraq"."schema_migration_lock" ("id", "is_locked") values ('migration_lock', 0);
    create function infratraq.set_actor(
      user_id text,
      session_id text default null,
      ip_address text default null,
      cause_id text default null,
      reason text default null
    ) returns void language sql volatile parallel unsafe
    as $$
      select pg_logical_emit_message(true, 'infratraq.actor', jsonb_strip_nulls(jsonb_build_object(
        'user_id', user_id, 'session_id', session_id, 'ip_address', ip_address,
        'cause_id', cause_id, 'reason', reason))::text)
    $$;
grant usage on schema infratraq to public;
insert into "infratraq"."schema_migration" ("name", "timestamp") values ('0001-actor', '2026-11-29T23:00:12.490Z');
    create table infratraq.users (
      user_id text primary key,
      email text unique,
      display_name text not null,
      roles text[] not null default '{member}',
      status text not null default 'active' check (status in ('active', 'suspended', 'departed')),
      created_at timestamptz(3) not null default now(),
      updated_at timestamptz(3) not null default now()
    );
    create table infratraq.channels (
      channel_id text primary key,
      entity_type text,
      entity_id text,
      title text not null,
      kind text not null default 'group' check (kind in ('entity', 'group', 'direct')),
      created_at timestamptz(3) not null default now(),
      check ((entity_type is null) = (entity_id is null)),
      check (kind <> 'entity' or entity_type is not null)
    );
create index channels_by_entity on infratraq.channels (entity_type, entity_id);
    create table infratraq.channel_members (
      channel_id text not null references infratraq.channels on delete cascade,
      user_id text not null references infratraq.users,
      role text not null default 'member' check (role in ('owner', 'member', 'reader')),
      joined_at timestamptz(3) not null default now(),
      history_from timestamptz(3),
      primary key (channel_id, user_id)
    );
create index channel_members_by_user on infratraq.channel_members (user_id);
    create table infratraq.device_registrations (
      device_id uuid primary key default gen_random_uuid(),
      user_id text not null references infratraq.users,
      platform text not null check (platform in ('web', 'android', 'ios')),
      push_target jsonb not null,
      status text not null default 'active' check (status in ('active', 'expired')),
      registered_at timestamptz(3) not null default now(),
      last_seen_at timestamptz(3) not null default now()
    );
create index device_registrations_by_user on infratraq.device_registrations (user_id);
insert into "infratraq"."schema_migration" ("name", "timestamp") values ('0002-people-and-channels', '2026-11-29T23:00:12.503Z');
    create table infratraq.webhook_endpoints (
      endpoint_id uuid primary key default gen_random_uuid(),
      url text not null,
      description text,
      events text[] not null,
      secret_encrypted bytea not null,
      status text not null default 'active' check (status in ('active', 'paused', 'disabled')),
      created_by text not null references infratraq.users,
      created_at timestamptz(3) not null default now()
    );
    create table infratraq.api_keys (
      api_key_id uuid primary key default gen_random_uuid(),
      prefix text not null,
      key_hash bytea not null unique,
      owner_id text not null references infratraq.users,
      roles text[] not null default '{member}',
      expires_at timestamptz(3),
      revoked_at timestamptz(3),
      created_at timestamptz(3) not null default now()
    );
insert into "infratraq"."schema_migration" ("name", "timestamp") values ('0003-integration', '2026-11-29T23:00:12.509Z');
    create table infratraq.collection_state (
      collection_name text primary key,
      state text not null,
      since timestamptz(3) not null default now()
    );
    create table infratraq.collection_state_transition (
      transition_id bigint generated always as identity primary key,
      collection_name text not null,
      from_state text not null,
      to_state text not null,
      changed_by text not null,
      changed_at timestamptz(3) not null default now(),
      reason text,
      cause_id text
    );
    create index collection_state_transition_by_collection
    on infratraq.collection_state_transition (collection_name, transition_id desc);
insert into "infratraq"."schema_migration" ("name", "timestamp") values ('0004-collection-state', '2026-11-29T23:00:12.515Z');
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
    );
    create index audit_seal_unpublished on infratraq.audit_seal (sequence) where published_at is null;
insert into "infratraq"."schema_migration" ("name", "timestamp") values ('0005-audit-seals', '2026-11-29T23:00:12.520Z');
    create table infratraq.sensitive_fields (
      table_name text not null check (table_name !~ '^public\.'),
      column_name text not null,
      masking text not null default 'partial' check (masking in ('partial', 'digest', 'full')),
      reason text not null check (btrim(reason) <> ''),
      declared_at timestamptz(3) not null default now(),
      primary key (table_name, column_name)
    );
insert into "infratraq"."schema_migration" ("name", "timestamp") values ('0006-sensitive-fields', '2026-11-29T23:00:12.522Z');
    alter table infratraq.channels
      add column slow_mode_seconds integer check (slow_mode_seconds between 1 and 86400),
      add column retention_days integer check (retention_days between 1 and 36500);
    create function infratraq.announce_channel() returns trigger language plpgsql as $$
    declare
      changed record;
      payload text;
    begin
      if tg_level = 'STATEMENT' then
        perform pg_notify('infratraq_channel', '');
        return null;
      end if;
      for changed in
        select to_jsonb(old) as row where tg_op <> 'INSERT'
        union
        select to_jsonb(new) where tg_op <> 'DELETE'
      loop
        payload := jsonb_strip_nulls(jsonb_build_object(
          'channel_id', changed.row -> 'channel_id', 'user_id', changed.row -> 'user_id'))::text;
        perform pg_notify('infratraq_channel', case when octet_length(payload) < 7900 then payload else '' end);
      end loop;
      return null;
    end
    $$;
      create trigger announce_row after insert or update or delete on "infratraq"."channels"
      for each row execute function infratraq.announce_channel();
      create trigger announce_truncation after truncate on "infratraq"."channels"
      for each statement execute function infratraq.announce_channel();
      create trigger announce_row after insert or update or delete on "infratraq"."channel_members"
      for each row execute function infratraq.announce_channel();
      create trigger announce_truncation after truncate on "infratraq"."channel_members"
      for each statement execute function infratraq.announce_channel();
insert into "infratraq"."schema_migration" ("name", "timestamp") values ('0007-live-channels', '2026-11-29T23:00:12.526Z');
    alter table infratraq.users
      add column phone text check (phone ~ '^\+[1-9][0-9]{1,14}$'),
      add column retired_email text,
      add column retired_phone text;
    create table infratraq.groups (
      group_id text primary key,
      title text not null,
      created_at timestamptz(3) not null default now()
    );
    create table infratraq.group_members (
      group_id text not null references infratraq.groups on delete cascade,
      user_id text not null references infratraq.users on delete cascade,
      joined_at timestamptz(3) not null default now(),
      primary key (group_id, user_id)
    );
create index group_members_by_user on infratraq.group_members (user_id);
    create table infratraq.entity_followers (
      entity_type text not null,
      entity_id text not null,
      user_id text not null references infratraq.users on delete cascade,
      followed_at timestamptz(3) not null default now(),
      primary key (entity_type, entity_id, user_id)
    );
create index entity_followers_by_user on infratraq.entity_followers (user_id);
    create table infratraq.notification_outbox (
      notification_id uuid primary key,
      idempotency_key text unique,
      request jsonb not null,
      cause_id text,
      accepted_at timestamptz(3) not null,
      withdrawal text check (withdrawal in ('cancelled', 'retracted')),
      withdrawn_at timestamptz(3)
    );
    create index notification_outbox_by_time on infratraq.notification_outbox (accepted_at);
    create table infratraq.notification_throttle (
      type text not null,
      throttle_key text not null,
      user_id text not null,
      notification_id uuid not null,
      open_until timestamptz(3) not null,
      primary key (type, throttle_key, user_id)
    );
    create index notification_throttle_by_time on infratraq.notification_throttle (open_until);
insert into "infratraq"."schema_migration" ("name", "timestamp") values ('0009-notifications', '2026-11-29T23:00:12.539Z');
    create table infratraq.organisations (
      organisation_id text primary key,
      name text not null,
      created_at timestamptz(3) not null default now()
    );
    alter table infratraq.users
    add column organisation_id text references infratraq.organisations on delete set null;
create index users_by_organisation on infratraq.users (organisation_id);
    create table infratraq.organisation_preferences (
      organisation_id text primary key references infratraq.organisations on delete cascade,
      schema_version integer not null check (schema_version > 0),
      version integer not null check (version > 0),
      settings jsonb not null,
      updated_at timestamptz(3) not null default now()
    );
insert into "infratraq"."schema_migration" ("name", "timestamp") values ('0010-organisation-preferences', '2026-11-29T23:00:12.546Z');
    create table infratraq.mailbox_position (
      mailbox text primary key,
      uid_validity text not null,
      last_uid bigint not null check (last_uid >= 0),
      moved_at timestamptz(3) not null default now()
    );
insert into "infratraq"."schema_migration" ("name", "timestamp") values ('0011-mailbox-position', '2026-11-29T23:00:12.549Z');
    delete from infratraq.device_registrations a using infratraq.device_registrations b
    where md5(coalesce(a.push_target ->> 'token', a.push_target ->> 'endpoint'))
        = md5(coalesce(b.push_target ->> 'token', b.push_target ->> 'endpoint'))
      and (a.last_seen_at, a.device_id) < (b.last_seen_at, b.device_id);
    create unique index device_registrations_by_target on infratraq.device_registrations ((md5(coalesce(push_target ->> 'token', push_target ->> 'endpoint'))));
insert into "infratraq"."schema_migration" ("name", "timestamp") values ('0014-device-targets', '2026-11-29T23:00:12.551Z');
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
    );
insert into "infratraq"."schema_migration" ("name", "timestamp") values ('0016-mail-complaints', '2026-11-29T23:00:12.554Z');
    create table infratraq.audit_seal_head (
      only_row boolean primary key default true check (only_row),
      sequence bigint not null default 0,
      last_id text collate "C",
      chain_head text,
      -- When every change was last found under a seal.
      complete_at timestamptz(3),
      check (sequence = 0 or (last_id is not null and chain_head is not null))
    );
    insert into infratraq.audit_seal_head (sequence, last_id, chain_head)
    select sequence, last_id, chain_head from infratraq.audit_seal order by sequence desc limit 1;
insert into "infratraq"."schema_migration" ("name", "timestamp") values ('0017-audit-seal-head', '2026-11-29T23:00:12.557Z');

insert into infratraq.organisations (organisation_id, name) values ('civil-works', 'Northern Civil Works');
insert into infratraq.users (user_id, email, display_name, roles, phone, retired_email, organisation_id) values
  ('ada', 'ada@example.com', 'Ada', '{member,operator}', '+4312345', 'ada@old.example.com', 'civil-works'),
  ('ben', null, 'Ben', '{member}', null, null, null);
insert into infratraq.organisation_preferences (organisation_id, schema_version, version, settings) values ('civil-works', 3, 2, '{"locale":"de"}');
insert into infratraq.groups (group_id, title) values ('crew', 'Crew');
insert into infratraq.group_members (group_id, user_id) values ('crew', 'ada'), ('crew', 'ben');
insert into infratraq.entity_followers (entity_type, entity_id, user_id) values ('bridge', '7', 'ada');
insert into infratraq.channels (channel_id, entity_type, entity_id, title, kind, slow_mode_seconds) values ('bridge:7', 'bridge', '7', 'Bridge 7', 'entity', 30);
insert into infratraq.channel_members (channel_id, user_id, role) values ('bridge:7', 'ada', 'owner'), ('bridge:7', 'ben', 'reader');
insert into infratraq.mailbox_position (mailbox, uid_validity, last_uid) values ('inbox@example.com/INBOX', '17', 42);
insert into infratraq.device_registrations (user_id, platform, push_target) values ('ada', 'android', '{"kind":"fcm","token":"t-1"}');
insert into infratraq.notification_outbox (notification_id, idempotency_key, request, accepted_at)
  values ('6f9619ff-8b86-4d11-b42d-00c04fc964ff', 'task:1', '{"to":{"users":["ada"]},"type":"task.assigned","data":{}}', '2026-11-01T08:00:00Z');
insert into infratraq.notification_throttle (type, throttle_key, user_id, notification_id, open_until)
  values ('task.assigned', 'task:1', 'ada', '6f9619ff-8b86-4d11-b42d-00c04fc964ff', '2026-11-01T09:00:00Z');
insert into infratraq.mail_complaints (user_id, address_sha256, type, complained_at, feedback_type, provider_message_id)
  values ('ada', repeat('0f', 32), 'task.assigned', '2026-11-02T08:00:00Z', 'abuse', 'm-1');
insert into infratraq.webhook_endpoints (url, events, secret_encrypted, created_by) values ('https://example.com/hook', '{project.changed}', '\x01', 'ada');
insert into infratraq.api_keys (prefix, key_hash, owner_id) values ('it_1', '\x02', 'ada');
insert into infratraq.collection_state (collection_name, state) values ('chat_message', 'maintenance');
insert into infratraq.collection_state_transition (collection_name, from_state, to_state, changed_by, reason)
  values ('chat_message', 'active', 'maintenance', 'ada', 'index build');
insert into infratraq.audit_seal (sequence, first_id, last_id, change_count, merkle_root, previous_head, chain_head, sealed_at, packed_changes)
  values (1, 'slot:0001:1', 'slot:0001:9', 9, 'root', 'genesis', 'head', '2026-11-03T08:00:00Z', '\x03');
insert into infratraq.audit_seal_head (sequence, last_id, chain_head) values (1, 'slot:0001:9', 'head');
insert into infratraq.sensitive_fields (table_name, column_name, reason) values ('contractors', 'iban', 'bank details');
