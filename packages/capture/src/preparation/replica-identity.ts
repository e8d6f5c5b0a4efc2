import type pg from 'pg';
import { isCapturedSql } from '../capture-scope.js';

/**
 * Gives every permanent table that still has the default identity the full one, so that updates and deletes carry
 * the whole row before. An identity that somebody chose (an index, nothing) is left as it is.
 *
 * Each table is altered by itself, so that no lock is held longer than that takes; the longest wait is 10 s a table.
 */
export async function setFullIdentityOfTables(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string }>(tablesWithDefaultIdentity);
  await client.query(`set lock_timeout = '10s'`);
  for (const { name } of rows) await client.query(`alter table ${name} replica identity full`);
  await client.query('reset lock_timeout');
}

/**
 * Gives every table made from now on the full identity in the transaction that makes it.
 *
 * One that has a virtual generated column gets (back) the identity of its key instead. A table that can't be altered
 * (it is in use by the same command) raises a warning and never makes the command fail.
 */
export async function setFullIdentityOfNewTables(client: pg.ClientBase): Promise<void> {
  await client.query(identityFunction);
  const { rowCount } = await client.query(
    `select 1 from pg_event_trigger where evtname = 'infratraq_capture_identity'`,
  );
  if (rowCount === 0) await client.query(identityTrigger);
}

/**
 * PostgreSQL refuses every update and delete of a published table with a virtual generated column (from version 18
 * on) and the full identity, for the log can't hold that column. Such tables keep the identity of their key.
 */
const hasVirtualColumn = `exists (
  select from pg_attribute a where a.attrelid = c.oid and a.attgenerated = 'v' and not a.attisdropped)`;

const tablesWithDefaultIdentity = `
  select format('%I.%I', n.nspname, c.relname) as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and c.relpersistence = 'p' and c.relreplident = 'd'
    and not ${hasVirtualColumn} and ${isCapturedSql}
  order by 1`;

// Altering the identity fires the trigger once more; by then no table has the wrong identity, so it ends there.
const identityFunction = `
  create or replace function infratraq.capture_set_identity() returns event_trigger
  language plpgsql set search_path = pg_catalog, pg_temp as $body$
  declare
    new_table regclass;
    new_identity text;
  begin
    for new_table, new_identity in
      select distinct c.oid::regclass, case c.relreplident when 'd' then 'full' else 'default' end
      from pg_event_trigger_ddl_commands() d
      join pg_class c on d.classid = 'pg_class'::regclass and c.oid = d.objid
      join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p') and c.relpersistence = 'p'
        and c.relreplident = case when ${hasVirtualColumn} then 'f' else 'd' end
        and ${isCapturedSql}
    loop
      begin
        execute format('alter table %s replica identity %s', new_table, new_identity);
      exception when others then
        raise warning 'infratraq capture: % keeps its replica identity: %', new_table, sqlerrm;
      end;
    end loop;
  end
  $body$`;

const identityTrigger = `
  create event trigger infratraq_capture_identity on ddl_command_end
  when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE SCHEMA', 'ALTER TABLE')
  execute function infratraq.capture_set_identity()`;
