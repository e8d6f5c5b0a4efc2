import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { tellActor } from '../preparation/log-functions.js';
import { gapPrefix } from '../reading/own-messages.js';
import { findPosition } from './capture-position.js';
import { findSlot, requireOwnDatabase, requireSlot } from './notice-lost-slot.js';

/**
 * Creates the slot with its remembered position, where there is neither; answers whether it did.
 * @throws CaptureSlotLostError when the position is remembered but its slot is gone
 */
export async function createSlot(client: pg.ClientBase, slot: string): Promise<boolean> {
  if ((await findPosition(client, slot)) !== undefined) {
    await requireSlot(client, slot);
    return false;
  }
  const state = await findSlot(client, slot);
  if (state === undefined) {
    await client.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [slot]);
  } else {
    requireOwnDatabase(slot, state);
  }
  await client.query('begin');
  try {
    // Whoever alters a table has remembered that before, or tells the new slot, too.
    await client.query(`set local lock_timeout = '10s'; lock table infratraq.capture_table in share mode`);
    await client.query(insertPosition, [slot, randomBytes(2).toString('hex')]);
    await client.query(tellShapes, [slot]);
    await tellActor(client);
    await emitGap(client, slot);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
  return true;
}

const insertPosition = `
  insert into infratraq.capture_position (slot_name, source, system_identifier, started_lsn, confirmed_lsn)
  select slot_name, lpad(to_hex(greatest(extract(epoch from clock_timestamp())::bigint, (
      -- Two slots of one second, or a clock that was set back: still in their order.
      select max(('x' || lpad(left(source, 8), 16, '0'))::bit(64)::bigint) + 1 from infratraq.capture_position
      where slot_name = $1
    ))), 8, '0') || $2,
    system_identifier::text, confirmed_flush_lsn, confirmed_flush_lsn
  from pg_control_system(), pg_replication_slots where slot_name = $1`;

/** Tells the slot what tables are like where it begins: changes are read later, when the catalog may say otherwise. */
const tellShapes = `
  select infratraq.capture_tell_shape(t.table_oid, t.facts, p.source)
  from infratraq.capture_table t, infratraq.capture_position p
  where p.slot_name = $1 and p.ended_at is null and t.root_oid = t.table_oid and t.facts is not null`;

/** Marks in the log itself what was not captured between the slot before and this one, if there was one. */
async function emitGap(client: pg.ClientBase, slot: string): Promise<void> {
  await client.query(
    `select pg_logical_emit_message(true, $2, jsonb_build_object(
       'secret', current.message_secret,
       'from_lsn', before.confirmed_lsn,
       'from_at', coalesce(before.confirmed_at, before.created_at),
       'until_lsn', current.started_lsn,
       'until_at', current.created_at,
       'previous_source', before.source,
       'reason', before.ended_reason)::text)
     from infratraq.capture_position current
     cross join lateral (
       select * from infratraq.capture_position
       where slot_name = $1 and ended_at is not null order by ended_at desc, source desc limit 1
     ) before
     where current.slot_name = $1 and current.ended_at is null`,
    [slot, gapPrefix],
  );
}
