import type pg from 'pg';
import { parseLsn } from '../pgoutput/lsn.js';
import { findPosition, type CapturePosition } from './capture-position.js';
import { CaptureNotPreparedError, CaptureSlotLostError } from './slot-errors.js';

/**
 * Answers the remembered position of a slot that can be read from.
 * @throws CaptureNotPreparedError when capture was never prepared
 * @throws CaptureSlotLostError when it was, and the slot is gone or unusable
 */
export async function requireSlot(client: pg.ClientBase, slot: string): Promise<CapturePosition> {
  // The slot first: the remembered position only grows, so it can't be behind what the slot was a moment ago.
  const state = await findSlot(client, slot);
  const position = await findPosition(client, slot);
  if (position === undefined) {
    throw new CaptureNotPreparedError(
      `Capture has no slot ${slot} in this database; call prepareCapture() first`,
    );
  }
  const lost = (what: string) => new CaptureSlotLostError(slot, what, position.confirmed_lsn);
  if (state === undefined) throw lost('does not exist any more');
  requireOwnDatabase(slot, state);
  if (state.wal_status === 'lost')
    throw lost(
      `was invalidated by the server (${state.invalidation_reason ?? 'the log it needs was removed'})`,
    );
  if (state.system_identifier !== position.system_identifier) {
    throw lost('belongs to another PostgreSQL server than the one that was captured before');
  }
  if (
    state.confirmed_flush_lsn !== null &&
    parseLsn(state.confirmed_flush_lsn) > parseLsn(position.confirmed_lsn)
  ) {
    throw lost(`was moved or made anew by hand: it begins at ${state.confirmed_flush_lsn}`);
  }
  return position;
}

export interface SlotState {
  database: string | null;
  current_database: string;
  plugin: string | null;
  wal_status: string | null;
  /** Since PostgreSQL 17. */
  invalidation_reason: string | null;
  confirmed_flush_lsn: string | null;
  system_identifier: string;
}

export async function findSlot(client: pg.ClientBase, slot: string): Promise<SlotState | undefined> {
  const { rows } = await client.query<SlotState>(
    `select database, current_database() as current_database, plugin, wal_status,
       to_jsonb(s) ->> 'invalidation_reason' as invalidation_reason, confirmed_flush_lsn::text,
       (select system_identifier::text from pg_control_system()) as system_identifier
     from pg_replication_slots s where slot_name = $1`,
    [slot],
  );
  return rows[0];
}

export function requireOwnDatabase(slot: string, { database, current_database, plugin }: SlotState): void {
  if (database === current_database && plugin === 'pgoutput') return;
  throw new CaptureNotPreparedError(
    `Slot ${slot} belongs to database ${database ?? '(none)'} with plugin ${plugin ?? '(none)'}; ` +
      'slots are shared by the whole server: choose another slot name',
  );
}
