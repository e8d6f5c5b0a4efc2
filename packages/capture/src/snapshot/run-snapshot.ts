import pg from 'pg';
import { resolveCaptureNames, type CaptureNames } from '../slots/capture-names.js';
import { requireSlot } from '../slots/notice-lost-slot.js';
import { quoteTable, type TableName } from '../scope/table-name.js';
import { waitUnlessAborted } from '../leading/back-off.js';
import { pinSession } from '../leading/pin-session.js';
import { addressOf, type PostgresAddress } from '../leading/postgres-address.js';
import { TableSnapshot } from './table-snapshot.js';

export type SnapshotOptions = SnapshotSettings & PostgresAddress;

export interface SnapshotSettings extends Partial<CaptureNames> {
  /** Stops after the current transaction; the next run continues. */
  signal?: AbortSignal;
  /** Called after every step. */
  onProgress?: (step: SnapshotStep) => void;
  /**
   * The snapshot waits while capture is further behind than this many bytes of log.
   * @default 256 MiB
   */
  maxLagBytes?: number;
  /**
   * Maximum number of rows in one transaction, which locks them against changes.
   * @default 5_000
   */
  maxChunkRows?: number;
}

/** One step of a snapshot. */
export interface SnapshotStep {
  /** With its schema. */
  table: string;
  /** Rows of this step. */
  rows: number;
  /** `locked`: another session holds the remaining rows; they are tried again. `gone`: the table was dropped. */
  state: 'running' | 'done' | 'gone' | 'locked';
}

/** Chunks grow and shrink towards this many bytes, so that wide rows neither fill memory nor stay locked for long. */
const chunkBytes = 2 << 20;
const firstChunkRows = 100;

/**
 * Reads the requested tables into the changelog: each row becomes a SNAPSHOT among the other changes, as it is at that
 * position in the log. Writers continue meanwhile.
 *
 * Resolves with the number of rows once nothing is left. One process works at a time, others wait.
 * @throws CaptureNotPreparedError, CaptureSlotLostError
 */
export async function runSnapshot(options: SnapshotOptions): Promise<number> {
  const address = addressOf(options);
  const names = resolveCaptureNames(address, options);
  const client = new pg.Client({
    ...address.connection,
    application_name: `infratraq snapshot ${names.slot}`,
    keepAlive: true,
  });
  const failed = new AbortController();
  client.on('error', (error) => failed.abort(error));
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])]);
  try {
    await client.connect();
    await pinSession(client);
    await waitForTurn(client, names.slot, signal);
    let rows = 0;
    for (let table = await findNextTable(client, names.slot); table && !signal.aborted;) {
      rows += await takeTable(client, names, table, { ...options, signal });
      table = await findNextTable(client, names.slot);
    }
    failed.signal.throwIfAborted();
    return rows;
  } finally {
    await client.end();
  }
}

async function takeTable(
  client: pg.ClientBase,
  names: CaptureNames,
  name: TableName,
  options: SnapshotOptions & { signal: AbortSignal },
): Promise<number> {
  const { signal, onProgress, maxChunkRows = 5_000, maxLagBytes = 256 << 20 } = options;
  const snapshot = new TableSnapshot(client, names.publication, await requireSlot(client, names.slot), name);
  const table = quoteTable(name);
  let limit = Math.min(firstChunkRows, maxChunkRows);
  let total = 0;
  while (!signal.aborted) {
    await waitForCapture(client, names.slot, maxLagBytes, signal);
    const { state, rows, bytes } = await snapshot.takeNext(limit);
    total += rows;
    onProgress?.({ table, rows, state });
    if (state === 'done' || state === 'gone') break;
    if (state === 'locked') {
      const taken = await snapshot.takeSkipped(signal);
      total += taken;
      if (taken === 0) await waitUnlessAborted(retryMilliseconds, signal);
      else onProgress?.({ table, rows: taken, state: 'running' });
    } else if (bytes > 0) {
      limit = Math.max(1, Math.min(maxChunkRows, limit * 2, Math.ceil((limit * chunkBytes) / bytes)));
    }
  }
  return total;
}

const retryMilliseconds = 250;

/** The lock belongs to the session, so it is free as soon as its holder dies. */
async function waitForTurn(client: pg.ClientBase, slot: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { rows } = await client.query<{ locked: boolean }>(
      `select pg_try_advisory_lock(hashtextextended('infratraq snapshot ' || $1, 0)) as locked`,
      [slot],
    );
    if (rows[0]?.locked === true) return;
    await waitUnlessAborted(retryMilliseconds, signal);
  }
}

/** A table that was begun comes before those that were not. */
async function findNextTable(client: pg.ClientBase, slot: string): Promise<TableName | undefined> {
  const { source } = await requireSlot(client, slot);
  const { rows } = await client.query<TableName>(
    `select schema_name as schema, table_name as table from infratraq.capture_snapshot
     where source = $1 and state <> 'done' order by state desc, requested_at, 1, 2 limit 1`,
    [source],
  );
  return rows[0];
}

/** What the snapshot writes is kept by PostgreSQL until capture has taken it: never let that grow without bound. */
async function waitForCapture(
  client: pg.ClientBase,
  slot: string,
  maxLagBytes: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const { rows } = await client.query<{ behind: boolean }>(
      `select pg_current_wal_lsn() - confirmed_flush_lsn > $2 as behind
       from pg_replication_slots where slot_name = $1`,
      [slot, maxLagBytes],
    );
    if (rows[0]?.behind !== true) return;
    await waitUnlessAborted(retryMilliseconds, signal);
  }
}
