import type pg from 'pg';
import { quoteTable, type TableName } from './table-exclusion.js';
import { isCapturedSql } from '../capture-scope.js';
import type { TableWithRoot } from './replica-identity.js';

/**
 * The trigger that every captured table and partition has. Before a statement writes, it says in the log who is logged
 * in; before a partition alone is emptied, of which PostgreSQL tells its root's subscribers nothing, that there is a
 * gap in what is known of the root.
 *
 * Always enabled, so that what replication or a loader writes is told, too.
 */
export function writeStatementTrigger(table: TableName): string {
  const name = quoteTable(table);
  return (
    `create or replace trigger infratraq_capture before insert or update or delete or truncate on ${name} ` +
    'for each statement execute function infratraq.capture_before_statement(); ' +
    `alter table ${name} enable always trigger infratraq_capture`
  );
}

/** The permanent tables that lack the trigger, partitions included. */
export async function findTablesWithoutTrigger(client: pg.ClientBase): Promise<TableWithRoot[]> {
  return (await client.query<TableWithRoot>(tablesWithoutTrigger)).rows;
}

/** Makes what the triggers run. */
export async function createStatementFunction(client: pg.ClientBase): Promise<void> {
  await client.query(statementFunction);
}

/** Whether the table `c` has the trigger, in SQL. */
export const hasStatementTrigger = `exists (
  select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'infratraq_capture' and t.tgenabled = 'A')`;

const tablesWithoutTrigger = `
  select n.nspname as schema, c.relname as table,
    jsonb_build_object('schema', root_space.nspname, 'table', root.relname) as root
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_class root on root.oid = coalesce(pg_partition_root(c.oid), c.oid)
  join pg_namespace root_space on root_space.oid = root.relnamespace
  where c.relkind in ('r', 'p') and c.relpersistence = 'p' and not ${hasStatementTrigger} and ${isCapturedSql}
  order by 1, 2`;

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
