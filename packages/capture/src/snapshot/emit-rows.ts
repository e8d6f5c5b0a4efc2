import type pg from 'pg';
import { snapshotPrefix, type SnapshotMessage } from '../reading/own-messages.js';
import type { SnapshotTable } from './describe-snapshot-table.js';

/** Most of one message, roughly; a single row may be larger. */
const messageBytes = 256 * 1024;
const messageRows = 500;

/** What rows of a table are written into the log with. */
export interface RowEmitter {
  client: pg.ClientBase;
  secret: string;
}

/** Says in the transaction's own words who reads: the changes that follow are attributed to it. */
export async function emitReader(client: pg.ClientBase): Promise<void> {
  const actor = JSON.stringify({ user_id: 'infratraq', reason: 'snapshot' });
  await client.query(`select pg_logical_emit_message(true, 'infratraq.actor', $1)`, [actor]);
}

/** Announces that all rows of the table follow in this transaction. */
export function emitBeginning(emitter: RowEmitter, table: SnapshotTable): Promise<void> {
  return emit(emitter, table, null);
}

/** Writes rows into the log, as several messages where they are large; answers their bytes. */
export async function emitRows(
  emitter: RowEmitter,
  table: SnapshotTable,
  rows: readonly (string | null)[][],
): Promise<number> {
  let pending: (string | null)[][] = [];
  let pendingBytes = 0;
  let bytes = 0;
  const flush = async () => {
    if (pending.length === 0) return;
    await emit(emitter, table, pending);
    bytes += pendingBytes;
    pending = [];
    pendingBytes = 0;
  };
  for (const row of rows) {
    pending.push(row);
    pendingBytes += row.reduce((sum, value) => sum + (value?.length ?? 0) + 3, 0);
    if (pendingBytes >= messageBytes || pending.length >= messageRows) await flush();
  }
  await flush();
  return bytes;
}

async function emit(
  { client, secret }: RowEmitter,
  { relation, key }: SnapshotTable,
  rows: SnapshotMessage['rows'],
): Promise<void> {
  const message: SnapshotMessage = { secret, relation, key: key.map(({ name }) => name), rows };
  await client.query(`select pg_logical_emit_message(true, $1, $2)`, [
    snapshotPrefix,
    JSON.stringify(message),
  ]);
}
