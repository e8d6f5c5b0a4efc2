import type pg from 'pg';
import { createPositionTable } from '../slots/capture-position.js';

/** Makes the tables that capture keeps its own books in; all are in schema `infratraq` and are not captured. */
export async function createCaptureTables(client: pg.ClientBase): Promise<void> {
  await createPositionTable(client);
  await client.query(captureTables);
}

/** Whether the tables are there, as this version needs them. */
export async function hasCaptureTables(client: Pick<pg.ClientBase, 'query'>): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('infratraq.capture_table') is not null as there`,
  );
  return rows[0]?.there === true;
}

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
    tables text[]
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
  -- Tables that have capture's trigger: of one that is gone, the catalog can't say any more whose partition it was.
  create table if not exists infratraq.capture_table (
    table_oid oid primary key,
    root_oid oid not null
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
