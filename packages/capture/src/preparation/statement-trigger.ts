import type pg from 'pg';
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

/** Makes what the triggers run. */
export async function createStatementFunction(client: pg.ClientBase): Promise<void> {
  await client.query(statementFunction);
}

/** Whether the table `c` has the trigger, in SQL. */
export const hasStatementTrigger = `exists (
  select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'infratraq_capture' and t.tgenabled = 'A')`;

// As whoever prepared capture, for a writer may not be allowed what it does. It runs with every statement: without a search path of its own it is faster, and names everything in full.
const statementFunction = `
  create or replace function infratraq.capture_before_statement() returns trigger
  language plpgsql security definer as $body$
  begin
    if (pg_catalog.current_setting('infratraq.told_user', true)
        operator(pg_catalog.=) pg_catalog.pg_current_xact_id()::pg_catalog.text) is not true then
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
