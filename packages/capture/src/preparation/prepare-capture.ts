import type { Postgres } from '@infratraq/postgres';
import type pg from 'pg';
import { resolveCaptureNames, type CaptureNames } from '../capture-scope.js';
import { CaptureNotPreparedError } from '../errors.js';
import { createPositionTable, createSlot, endPosition } from './capture-slot.js';
import { setFullIdentityOfNewTables, setFullIdentityOfTables } from './replica-identity.js';

/** One number for every process, so that only one at a time prepares. */
const preparationLock = 4_203_112_002;

/**
 * Sets a database up for capture: full replica identity for every table, present and future, a publication of all
 * tables, and the replication slot. From here on every committed change is kept until capture has taken it.
 *
 * May be repeated, by any number of servers at once. Needs a superuser and `wal_level = logical`.
 * @throws CaptureNotPreparedError when the server is not configured for it
 * @throws CaptureSlotLostError when the slot was there before and is gone
 */
export async function prepareCapture(postgres: Postgres, names?: Partial<CaptureNames>): Promise<void> {
  const { slot, publication } = resolveCaptureNames(names);
  await withPreparationLock(postgres, async (client) => {
    await requireLogicalLog(client);
    await createPositionTable(client);
    await setFullIdentityOfNewTables(client);
    await setFullIdentityOfTables(client);
    // Before the slot: the slot's reader looks the publication up as it was at each change.
    await createPublication(client, publication);
    await createSlot(client, slot);
  });
}

/**
 * Removes everything that `prepareCapture` made but the tables' identities; the captured documents stay.
 * Stop every capture of the slot first.
 */
export async function removeCapture(postgres: Postgres, names?: Partial<CaptureNames>): Promise<void> {
  const { slot, publication } = resolveCaptureNames(names);
  await withPreparationLock(postgres, async (client) => {
    await dropSlot(client, slot);
    await client.query(`drop publication if exists ${publication}`);
    await client.query('drop event trigger if exists infratraq_capture_identity');
    await client.query('drop function if exists infratraq.capture_set_identity()');
  });
}

/**
 * Accepts that a lost slot's changes are missing: ends its history, so that `prepareCapture` may begin anew.
 * Call it only once the reason is known; nothing is captured until capture is prepared again.
 */
export async function abandonLostSlot(postgres: Postgres, names?: Partial<CaptureNames>): Promise<void> {
  const { slot } = resolveCaptureNames(names);
  await withPreparationLock(postgres, async (client) => {
    await createPositionTable(client);
    await dropSlot(client, slot);
  });
}

async function withPreparationLock(
  postgres: Postgres,
  work: (client: pg.PoolClient) => Promise<void>,
): Promise<void> {
  const client = await postgres.pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [preparationLock]);
    await work(client);
  } finally {
    // Closing the connection releases the lock and undoes its settings, whatever state it is in.
    client.release(true);
  }
}

async function requireLogicalLog(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ wal_level: string }>('show wal_level');
  if (rows[0]?.wal_level === 'logical') return;
  throw new CaptureNotPreparedError(
    `Capture needs wal_level = logical, and the server has ${rows[0]?.wal_level}; run ` +
      `"ALTER SYSTEM SET wal_level = 'logical'" and restart PostgreSQL`,
  );
}

async function createPublication(client: pg.ClientBase, publication: string): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_publication where pubname = $1', [publication]);
  if (rowCount !== 0) return;
  const version = await client.query<{ number: number }>(
    `select current_setting('server_version_num')::int as number`,
  );
  const generated = (version.rows[0]?.number ?? 0) >= 180_000 ? ', publish_generated_columns = stored' : '';
  await client.query(
    `create publication ${publication} for all tables
     with (publish = 'insert, update, delete, truncate', publish_via_partition_root = true${generated})`,
  );
}

/** How long a stopped capture's connection may take to let go of the slot. */
const releaseMilliseconds = 10_000;

async function dropSlot(client: pg.ClientBase, slot: string): Promise<void> {
  await awaitRelease(client, slot);
  await client.query(
    `select pg_drop_replication_slot(slot_name) from pg_replication_slots
     where slot_name = $1 and database = current_database()`,
    [slot],
  );
  await endPosition(client, slot);
}

/** PostgreSQL lets go of a slot a moment after its reader has gone; dropping it fails until then. */
async function awaitRelease(client: pg.ClientBase, slot: string): Promise<void> {
  const deadline = Date.now() + releaseMilliseconds;
  const active = 'select 1 from pg_replication_slots where slot_name = $1 and active';
  while (Date.now() < deadline && (await client.query(active, [slot])).rowCount !== 0) {
    await client.query('select pg_sleep(0.05)');
  }
}
