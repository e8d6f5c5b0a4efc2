import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { CaptureNotPreparedError, CaptureSlotLostError } from './slot-errors.js';
import { parseLsn } from '../pgoutput/lsn.js';
import { gapPrefix } from '../reading/own-messages.js';
import { tellActor } from '../preparation/log-functions.js';

/** What capture remembers about its slot in PostgreSQL itself, so that it notices when the slot is lost. */
export interface CapturePosition {
  /**
   * First part of every change's `_id`: made anew with every slot, so that ids never meet those of an older one, and
   * beginning with its time, so that ids sort over the slot's successors, too.
   */
  source: string;
  system_identifier: string;
  /**
   * Everything before it is stored. It is remembered before the server is told, so that the slot's own position is
   * never ahead of it.
   */
  confirmed_lsn: string;
  /** What our own messages in the log carry, so that nobody who can merely write messages can forge rows. */
  message_secret: string;
}

/** The table of what was captured from: one row for each slot that there ever was, the ended ones included. */
export async function createPositionTable(client: pg.ClientBase): Promise<void> {
  // Every transaction that writes reads it: the locks that follow would wait for all of them, and hold up new ones.
  if (await hasPositionTable(client)) return;
  await client.query('create schema if not exists infratraq');
  await client.query(`
    create table if not exists infratraq.capture_position (
      source text primary key,
      slot_name text not null,
      system_identifier text not null,
      confirmed_lsn pg_lsn,
      created_at timestamptz(3) not null default now(),
      confirmed_at timestamptz(3),
      ended_at timestamptz(3),
      ended_reason text,
      started_lsn pg_lsn,
      message_secret text not null default gen_random_uuid()::text
    )`);
  await client.query(keepOneRowPerSource);
  await client.query(trustSlotsOnce);
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

/** Databases from before positions were remembered first: their slots are believed as they are, once. */
const trustSlotsOnce = `
  alter table infratraq.capture_position
    add column if not exists ended_reason text,
    add column if not exists started_lsn pg_lsn,
    add column if not exists message_secret text not null default gen_random_uuid()::text;
  update infratraq.capture_position p
  set started_lsn = s.confirmed_flush_lsn, confirmed_lsn = greatest(p.confirmed_lsn, s.confirmed_flush_lsn)
  from pg_replication_slots s
  where s.slot_name = p.slot_name and s.database = current_database()
    and p.ended_at is null and p.started_lsn is null`;

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
    await client.query(insertPosition, [slot, randomBytes(2).toString('hex')]);
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

/** Ends what was captured from the slot; its position stays as history. */
export async function endPosition(client: pg.ClientBase, slot: string, reason: string): Promise<void> {
  if (!(await hasPositionTable(client))) return;
  await client.query(
    `update infratraq.capture_position set ended_at = now(), ended_reason = $2
     where slot_name = $1 and ended_at is null`,
    [slot, reason],
  );
}

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

interface SlotState {
  database: string | null;
  current_database: string;
  plugin: string | null;
  wal_status: string | null;
  /** Since PostgreSQL 17. */
  invalidation_reason: string | null;
  confirmed_flush_lsn: string | null;
  system_identifier: string;
}

async function findSlot(client: pg.ClientBase, slot: string): Promise<SlotState | undefined> {
  const { rows } = await client.query<SlotState>(
    `select database, current_database() as current_database, plugin, wal_status,
       to_jsonb(s) ->> 'invalidation_reason' as invalidation_reason, confirmed_flush_lsn::text,
       (select system_identifier::text from pg_control_system()) as system_identifier
     from pg_replication_slots s where slot_name = $1`,
    [slot],
  );
  return rows[0];
}

export async function findPosition(
  client: pg.ClientBase,
  slot: string,
): Promise<CapturePosition | undefined> {
  if (!(await hasPositionTable(client))) return undefined;
  const { rows } = await client.query<CapturePosition>(
    `select source, system_identifier, confirmed_lsn::text, message_secret from infratraq.capture_position
     where slot_name = $1 and ended_at is null`,
    [slot],
  );
  return rows[0];
}

async function hasPositionTable(client: pg.ClientBase): Promise<boolean> {
  // Of a database that has not been prepared since, the table still lacks what newer versions need.
  const { rows } = await client.query<{ exists: boolean }>(
    `select exists (
       select 1 from pg_attribute
       where attrelid = to_regclass('infratraq.capture_position') and attname = 'started_lsn' and not attisdropped
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
