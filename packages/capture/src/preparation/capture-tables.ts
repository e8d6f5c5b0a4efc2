import type pg from 'pg';
import { createPositionTable } from '../slots/capture-position.js';

/** Makes the tables that capture keeps its own books in; all are in schema `infratraq` and are not captured. */
export async function createCaptureTables(client: pg.ClientBase): Promise<void> {
  await createPositionTable(client);
  await client.query(captureTables);
  await client.query(addedColumns);
}

/** Whether the tables are there, as this version needs them. */
export async function hasCaptureTables(client: Pick<pg.ClientBase, 'query'>): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('infratraq.capture_shape') is not null as there`,
  );
  return rows[0]?.there === true;
}

/** Databases from before tables were compared. Only where they are missing, for the locks wait for every alteration. */
const addedColumns = `
  do $body$ begin
    if not exists (
      select from pg_attribute where attrelid = 'infratraq.capture_table'::regclass and attname = 'facts'
    ) then
      alter table infratraq.capture_table add facts jsonb, add rewritten boolean not null default false;
      alter table infratraq.capture_publication add replaced_by xid8;
    end if;
  end $body$`;

const captureTables = `
  create table if not exists infratraq.capture_exclusion (
    schema_name text not null,
    table_name text not null,
    reason text not null check (reason <> ''),
    created_at timestamptz(3) not null default now(),
    primary key (schema_name, table_name)
  );
  create table if not exists infratraq.capture_publication (
    publication text primary key,
    -- Both null: everything but the exclusions, tables made later included.
    schemas text[],
    tables text[],
    -- The transaction that replaces it on purpose, and says itself what that means.
    replaced_by xid8
  );
  create table if not exists infratraq.capture_snapshot (
    source text not null,
    schema_name text not null,
    table_name text not null,
    state text not null default 'pending' check (state in ('pending', 'running', 'done')),
    last_key jsonb,
    rows_done bigint not null default 0,
    estimated_rows bigint not null default 0,
    requested_at timestamptz(3) not null default now(),
    started_at timestamptz(3),
    finished_at timestamptz(3),
    primary key (source, schema_name, table_name)
  );
  -- Rows that were locked when their range was read: they are read again one by one.
  create table if not exists infratraq.capture_snapshot_skipped (
    source text not null,
    schema_name text not null,
    table_name text not null,
    key jsonb not null,
    primary key (source, schema_name, table_name, key)
  );
  create table if not exists infratraq.capture_consumer (
    slot_name text not null,
    consumer text not null,
    -- Which entity types it takes; null where it takes all.
    entity_types text[],
    -- The id of the last change that it has handled, or a beginning of ids: everything up to it is done.
    position text collate "C" not null,
    created_at timestamptz(3) not null default now(),
    advanced_at timestamptz(3),
    -- The fault that keeps it from going on; null where it goes on.
    fault text,
    faulty_since timestamptz(3),
    primary key (slot_name, consumer)
  );
  -- Changes that a consumer is to be given once more, whatever its position.
  create table if not exists infratraq.capture_consumer_replay (
    slot_name text not null,
    consumer text not null,
    change_id text collate "C" not null,
    requested_at timestamptz(3) not null default now(),
    primary key (slot_name, consumer, change_id)
  );
  -- Tables as they were last told of: of one that is gone or altered, the catalog can't say any more what it was.
  create table if not exists infratraq.capture_table (
    table_oid oid primary key,
    root_oid oid not null,
    -- Null of one that has just been made.
    facts jsonb,
    -- With values that are not in the log, by the command that is running.
    rewritten boolean not null default false
  );
  -- Keys and types of tables, as they are from a commit on; null from where the table is gone.
  create table if not exists infratraq.capture_shape (
    source text not null,
    table_oid oid not null,
    commit_lsn pg_lsn not null,
    place int not null,
    shape jsonb,
    primary key (source, table_oid, commit_lsn, place)
  );
  -- Changes that the changelog refused, as they were to be stored; they wait here until they are replayed.
  create table if not exists infratraq.capture_refused_change (
    change_id text collate "C" primary key,
    entity_type text not null,
    reason text not null,
    content bytea not null,
    attempts int not null default 1,
    refused_at timestamptz(3) not null default now()
  )`;
