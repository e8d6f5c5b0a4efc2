import type pg from 'pg';
import { setTimeout as delay } from 'node:timers/promises';
import { endPosition } from './capture-position.js';

/** How long a stopped capture's connection may take to let go of the slot, in milliseconds. */
const releaseMilliseconds = 5_000;

/**
 * Drops the slot, if it is there, and ends what was captured from it.
 *
 * PostgreSQL lets go of a slot a moment after its reader has gone; one of capture's own that stays is ended, for
 * dropping fails until then. A reader of somebody else's is left alone, and the drop fails.
 */
export async function dropSlot(client: pg.ClientBase, slot: string, reason: string): Promise<void> {
  if (!(await awaitRelease(client, slot))) {
    await client.query(
      `select pg_terminate_backend(active_pid) from pg_replication_slots
       join pg_stat_replication on pid = active_pid
       where slot_name = $1 and application_name = 'infratraq capture'`,
      [slot],
    );
    await awaitRelease(client, slot);
  }
  await client.query(
    `select pg_drop_replication_slot(slot_name) from pg_replication_slots
     where slot_name = $1 and database = current_database()`,
    [slot],
  );
  await endPosition(client, slot, reason);
}

async function awaitRelease(client: pg.ClientBase, slot: string): Promise<boolean> {
  const deadline = Date.now() + releaseMilliseconds;
  const active = 'select 1 from pg_replication_slots where slot_name = $1 and active';
  while ((await client.query(active, [slot])).rowCount !== 0) {
    if (Date.now() > deadline) return false;
    await delay(50);
  }
  return true;
}
