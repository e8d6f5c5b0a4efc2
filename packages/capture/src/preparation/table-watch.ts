import type pg from 'pg';
import { makeEventTrigger, onAlteration } from './event-trigger.js';
import { newTablesSql, isPublishedSql } from './replica-identity.js';
import { hasStatementTrigger, writeStatementTrigger } from './statement-trigger.js';

/**
 * Has PostgreSQL itself watch which captured tables there are: new ones get the statement trigger in the transaction
 * that makes them; one that is dropped is told as DROP, and a partition that is detached or dropped as a gap in what
 * is known of its root, for no change of a row tells that.
 */
export async function watchTables(client: pg.ClientBase): Promise<void> {
  await client.query(alterationFunction);
  await client.query(dropFunction);
  for (const [name, trigger] of Object.entries(eventTriggers)) await makeEventTrigger(client, name, trigger);
}

/** Remembers which tables have the trigger by now, and whose partitions they are. */
export async function rememberTables(client: pg.ClientBase): Promise<void> {
  await client.query(`
    delete from infratraq.capture_table m where not exists (select from pg_class c where c.oid = m.table_oid);
    insert into infratraq.capture_table (table_oid, root_oid) ${watchedTables}
    on conflict (table_oid) do update set root_oid = excluded.root_oid
    where capture_table.root_oid <> excluded.root_oid`);
}

/** Ends the watch, and takes the statement triggers from all tables. */
export async function unwatchTables(client: pg.ClientBase): Promise<void> {
  for (const name of Object.keys(eventTriggers)) await client.query(`drop event trigger if exists ${name}`);
  await client.query(`
    drop function if exists infratraq.capture_after_alteration(), infratraq.capture_after_drop();
    drop function if exists infratraq.capture_before_statement() cascade`);
}

const watchedTables = `
  select c.oid, coalesce(pg_partition_root(c.oid), c.oid)
  from pg_class c where c.relkind in ('r', 'p') and ${hasStatementTrigger}`;

// A table that can't be given the trigger (it is in use by the same command) raises a warning and never makes the command fail.
const alterationFunction = `
  create or replace function infratraq.capture_after_alteration() returns event_trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
  declare
    new_table regclass;
    moved record;
  begin
    for new_table in
      select distinct c.oid::regclass ${newTablesSql} and ${isPublishedSql} and not ${hasStatementTrigger}
    loop
      begin
        execute format('${writeStatementTrigger('%1$s')}', new_table);
      exception when others then
        raise warning 'infratraq capture: plain SQL on % is not attributed: %', new_table, sqlerrm;
      end;
    end loop;
    for moved in
      update infratraq.capture_table m set root_oid = now.root_oid
      from (
        select t.table_oid, t.root_oid as old_root_oid, coalesce(pg_partition_root(c.oid), c.oid) as root_oid
        from infratraq.capture_table t join pg_class c on c.oid = t.table_oid
      ) now
      where m.table_oid = now.table_oid and m.root_oid <> now.root_oid
      returning now.table_oid, now.old_root_oid
    loop
      perform infratraq.capture_tell_table('GAP', n.nspname, root.relname,
        format('partition %s was detached', moved.table_oid::regclass))
      from pg_class root join pg_namespace n on n.oid = root.relnamespace
      where root.oid = moved.old_root_oid and moved.old_root_oid <> moved.table_oid;
    end loop;
    insert into infratraq.capture_table (table_oid, root_oid)
    select distinct c.oid, root.oid ${newTablesSql} and ${hasStatementTrigger}
    on conflict do nothing;
  end
  $body$`;

const dropFunction = `
  create or replace function infratraq.capture_after_drop() returns event_trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
  declare
    dropped record;
  begin
    for dropped in
      delete from infratraq.capture_table m using pg_event_trigger_dropped_objects() d
      where d.classid = 'pg_class'::regclass and d.object_type = 'table' and m.table_oid = d.objid
      returning m.table_oid, m.root_oid, d.schema_name, d.object_name, d.object_identity
    loop
      if dropped.root_oid = dropped.table_oid then
        perform infratraq.capture_tell_table('DROP', dropped.schema_name, dropped.object_name, null);
      else
        perform infratraq.capture_tell_table('GAP', n.nspname, root.relname,
          format('partition %s was dropped', dropped.object_identity))
        from pg_class root join pg_namespace n on n.oid = root.relnamespace
        where root.oid = dropped.root_oid;
      end if;
    end loop;
  end
  $body$`;

const eventTriggers = {
  infratraq_capture_tables: { on: onAlteration, runs: 'capture_after_alteration' },
  infratraq_capture_drop: { on: 'sql_drop', runs: 'capture_after_drop' },
};
