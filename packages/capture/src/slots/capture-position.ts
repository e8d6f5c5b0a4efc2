import type pg from 'pg';

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

/** Ends what was captured from the slot; its position stays as history. */
export async function endPosition(client: pg.ClientBase, slot: string, reason: string): Promise<void> {
  if (!(await hasPositionTable(client))) return;
  await client.query(
    `update infratraq.capture_position set ended_at = now(), ended_reason = $2
     where slot_name = $1 and ended_at is null`,
    [slot, reason],
  );
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
