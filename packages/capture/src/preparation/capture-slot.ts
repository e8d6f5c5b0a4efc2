import { createHash, randomUUID } from 'node:crypto';
import type pg from 'pg';
import { CaptureNotPreparedError, CaptureSlotLostError } from '../errors.js';

/** What capture remembers about its slot in PostgreSQL itself, so that it notices when the slot is lost. */
export interface CapturePosition {
  /** First part of every change's `_id`; made anew with every slot, so that ids never meet those of an older one. */
  source: string;
  system_identifier: string;
  confirmed_lsn: string | null;
}

/** The table of slots that captured something. */
export async function createPositionTable(client: pg.ClientBase): Promise<void> {
  await client.query('create schema if not exists infratraq');
  await client.query(`
    create table if not exists infratraq.capture_position (
      slot_name text primary key,
      source text not null,
      system_identifier text not null,
      confirmed_lsn pg_lsn,
      created_at timestamptz(3) not null default now(),
      confirmed_at timestamptz(3)
    )`);
}

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
  const source = createHash('sha256').update(`${slot}:${randomUUID()}`).digest('hex').slice(0, 12);
  await client.query(
    `insert into infratraq.capture_position (slot_name, source, system_identifier)
     select $1, $2, system_identifier::text from pg_control_system()`,
    [slot, source],
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
  const table = await client.query<{ exists: boolean }>(
    `select to_regclass('infratraq.capture_position') is not null as exists`,
  );
  if (table.rows[0]?.exists !== true) return undefined;
  const { rows } = await client.query<CapturePosition>(
    `select source, system_identifier, confirmed_lsn::text from infratraq.capture_position where slot_name = $1`,
    [slot],
  );
  return rows[0];
}

function requireOwnDatabase(slot: string, { database, current_database, plugin }: SlotState): void {
  if (database === current_database && plugin === 'pgoutput') return;
  throw new CaptureNotPreparedError(
    `Slot ${slot} belongs to database ${database ?? '(none)'} with plugin ${plugin ?? '(none)'}; ` +
      'slots are shared by the whole server: choose another slot name',
  );
}
