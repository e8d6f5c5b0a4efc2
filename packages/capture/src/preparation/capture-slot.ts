import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { CaptureNotPreparedError, CaptureSlotLostError } from '../errors.js';

/** What capture remembers about its slot in PostgreSQL itself, so that it notices when the slot is lost. */
export interface CapturePosition {
  /**
   * First part of every change's `_id`: made anew with every slot, so that ids never meet those of an older one, and
   * beginning with its time, so that ids sort over the slot's successors, too.
   */
  source: string;
  system_identifier: string;
  confirmed_lsn: string | null;
}

/** The table of what was captured from: one row for each slot that there ever was, the ended ones included. */
export async function createPositionTable(client: pg.ClientBase): Promise<void> {
  await client.query('create schema if not exists infratraq');
  await client.query(`
    create table if not exists infratraq.capture_position (
      source text primary key,
      slot_name text not null,
      system_identifier text not null,
      confirmed_lsn pg_lsn,
      created_at timestamptz(3) not null default now(),
      confirmed_at timestamptz(3),
      ended_at timestamptz(3)
    )`);
  await client.query(keepOneRowPerSource);
}

/** Databases from before the history of slots have one row for each slot name. */
const keepOneRowPerSource = `
  alter table infratraq.capture_position add column if not exists ended_at timestamptz(3);
  do $body$ begin
    if exists (
      select 1 from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where i.indrelid = 'infratraq.capture_position'::regclass and i.indisprimary and a.attname = 'slot_name'
    ) then
      alter table infratraq.capture_position drop constraint capture_position_pkey, add primary key (source);
    end if;
  end $body$;
  create unique index if not exists capture_position_current
    on infratraq.capture_position (slot_name) where ended_at is null`;

/**
 * Creates the slot with its remembered position, where there is neither.
 * @throws CaptureSlotLostError when the position is remembered but its slot is gone
 */
export async function createSlot(client: pg.ClientBase, slot: string): Promise<void> {
  if ((await findPosition(client, slot)) !== undefined) {
    await requireSlot(client, slot);
    return;
  }
  const state = await findSlot(client, slot);
  if (state === undefined) {
    await client.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [slot]);
  } else {
    requireOwnDatabase(slot, state);
  }
  await client.query(
    `insert into infratraq.capture_position (slot_name, source, system_identifier)
     select $1, lpad(to_hex(extract(epoch from clock_timestamp())::bigint), 8, '0') || $2, system_identifier::text
     from pg_control_system()`,
    [slot, randomBytes(2).toString('hex')],
  );
}

/** Ends what was captured from the slot; its position stays as history. */
export async function endPosition(client: pg.ClientBase, slot: string): Promise<void> {
  if (!(await hasPositionTable(client))) return;
  await client.query(
    `update infratraq.capture_position set ended_at = now() where slot_name = $1 and ended_at is null`,
    [slot],
  );
}

/**
 * Answers the remembered position of a slot that can be read from.
 * @throws CaptureNotPreparedError when capture was never prepared
 * @throws CaptureSlotLostError when it was, and the slot is gone or unusable
 */
export async function requireSlot(client: pg.ClientBase, slot: string): Promise<CapturePosition> {
  const position = await findPosition(client, slot);
  if (position === undefined) {
    throw new CaptureNotPreparedError(
      `Capture has no slot ${slot} in this database; call prepareCapture() first`,
    );
  }
  const state = await findSlot(client, slot);
  const lost = (what: string) => new CaptureSlotLostError(slot, what, position.confirmed_lsn);
  if (state === undefined) throw lost('does not exist any more');
  requireOwnDatabase(slot, state);
  if (state.wal_status === 'lost')
    throw lost('was invalidated by the server, which removed the log that it needs');
  if (state.system_identifier !== position.system_identifier) {
    throw lost('belongs to another PostgreSQL server than the one that was captured before');
  }
  return position;
}

interface SlotState {
  database: string | null;
  current_database: string;
  plugin: string | null;
  wal_status: string | null;
  system_identifier: string;
}

async function findSlot(client: pg.ClientBase, slot: string): Promise<SlotState | undefined> {
  const { rows } = await client.query<SlotState>(
    `select database, current_database() as current_database, plugin, wal_status,
       (select system_identifier::text from pg_control_system()) as system_identifier
     from pg_replication_slots where slot_name = $1`,
    [slot],
  );
  return rows[0];
}

async function findPosition(client: pg.ClientBase, slot: string): Promise<CapturePosition | undefined> {
  if (!(await hasPositionTable(client))) return undefined;
  const { rows } = await client.query<CapturePosition>(
    `select source, system_identifier, confirmed_lsn::text from infratraq.capture_position
     where slot_name = $1 and ended_at is null`,
    [slot],
  );
  return rows[0];
}

async function hasPositionTable(client: pg.ClientBase): Promise<boolean> {
  // Of a database that has not been prepared since, the table still lacks the end of a slot.
  const { rows } = await client.query<{ exists: boolean }>(
    `select exists (
       select 1 from pg_attribute
       where attrelid = to_regclass('infratraq.capture_position') and attname = 'ended_at'
     ) as exists`,
  );
  return rows[0]?.exists === true;
}

function requireOwnDatabase(slot: string, { database, current_database, plugin }: SlotState): void {
  if (database === current_database && plugin === 'pgoutput') return;
  throw new CaptureNotPreparedError(
    `Slot ${slot} belongs to database ${database ?? '(none)'} with plugin ${plugin ?? '(none)'}; ` +
      'slots are shared by the whole server: choose another slot name',
  );
}
