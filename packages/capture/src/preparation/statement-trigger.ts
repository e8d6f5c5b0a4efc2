import type pg from 'pg';
import { makeEventTrigger } from './event-trigger.js';
import { toldMarkSql, toldMarksSql } from './log-functions.js';
import { isPublishedSql } from './replica-identity.js';
import { findTablesWhere, type TableWithRoot } from '../scope/table-with-root.js';

/**
 * The trigger that every captured table and partition has. Before a statement writes, it says in the log who is logged
 * in; before a partition alone is emptied, of which PostgreSQL tells its root's subscribers nothing, that there is a
 * gap in what is known of the root.
 *
 * Always enabled, so that what replication or a loader writes is told, too. The name is as SQL writes it.
 */
export function writeStatementTrigger(table: string): string {
  return (
    `create or replace trigger infratraq_capture before insert or update or delete or truncate on ${table} ` +
    'for each statement execute function infratraq.capture_before_statement(); ' +
    `alter table ${table} enable always trigger infratraq_capture`
  );
}

/** The permanent tables that lack the trigger, partitions included. */
export async function findTablesWithoutTrigger(client: pg.ClientBase): Promise<TableWithRoot[]> {
  return findTablesWhere(client, `not ${hasStatementTrigger}`);
}

/** Makes what the triggers run, and what puts a trigger back that the owner of a table has dropped, renamed or replaced. */
export async function createStatementFunction(client: pg.ClientBase): Promise<void> {
  await client.query(statementFunction);
  await client.query(writeKeepFunction());
  for (const [name, on] of Object.entries(keepingTriggers))
    await makeEventTrigger(client, name, { on, runs: 'capture_keep_trigger' });
}

/** Lets owners drop the triggers. */
export async function releaseStatementTriggers(client: pg.ClientBase): Promise<void> {
  for (const name of Object.keys(keepingTriggers)) await client.query(`drop event trigger if exists ${name}`);
  await client.query('drop function if exists infratraq.capture_keep_trigger()');
}

const keepingTriggers = {
  infratraq_capture_trigger: `ddl_command_end when tag in ('CREATE TRIGGER', 'ALTER TRIGGER')`,
  infratraq_capture_trigger_drop: `sql_drop when tag in ('DROP TRIGGER')`,
};

/** As `writeStatementTrigger` makes it: before, and for insert, delete, update and truncate, each a bit. */
const triggerType = 2 + 4 + 8 + 16 + 32;

/** Whether the table `c` has the trigger, in SQL; its owner can make another one of that name. */
export const hasStatementTrigger = `exists (
  select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'infratraq_capture' and t.tgenabled = 'A'
    and t.tgfoid = to_regproc('infratraq.capture_before_statement') and t.tgtype = ${triggerType} and t.tgqual is null)`;

// Only of tables that had the trigger: all others get it with the table, or when capture is prepared. Making it runs this
// once more; by then it is there, if not yet enabled, so it ends there.
const writeKeepFunction = () => `
  create or replace function infratraq.capture_keep_trigger() returns event_trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
  declare
    kept regclass;
  begin
    for kept in
      select c.oid::regclass from infratraq.capture_table m join pg_class c on c.oid = m.table_oid
      join pg_namespace n on n.oid = c.relnamespace
      join pg_class root on root.oid = coalesce(pg_partition_root(c.oid), c.oid)
      where m.facts -> 'attributed' = 'true' and ${isPublishedSql} and not exists (
        select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'infratraq_capture'
          and t.tgfoid = to_regproc('infratraq.capture_before_statement'))
    loop
      execute format('${writeStatementTrigger('%1$s')}', kept);
    end loop;
  end
  $body$`;

// As whoever prepared capture, for a writer may not be allowed what it does. It runs with every statement: without a search path of its own it is faster, and names everything in full.
const statementFunction = `
  create or replace function infratraq.capture_before_statement() returns trigger
  language plpgsql security definer as $body$
  begin
    if pg_catalog.strpos(${toldMarksSql}, ${toldMarkSql}) operator(pg_catalog.=) 0 then
      perform infratraq.capture_tell_user();
    end if;
    if tg_op operator(pg_catalog.=) 'TRUNCATE' then
      perform infratraq.capture_tell_emptied(tg_relid);
    end if;
    return null;
  end
  $body$;
  create or replace function infratraq.capture_tell_emptied(emptied oid) returns void
  language sql security definer set search_path = pg_catalog, pg_temp as $body$
    select infratraq.capture_tell_table('GAP', n.nspname, root.relname,
      format('partition %s was emptied', emptied::regclass))
    from pg_class root join pg_namespace n on n.oid = root.relnamespace
    where root.oid = pg_partition_root(emptied) and root.oid <> emptied
  $body$;
  revoke all on function infratraq.capture_before_statement(), infratraq.capture_tell_emptied(oid) from public`;
