import type pg from 'pg';
import { isCapturedSql } from '../scope/is-captured.js';
import { makeEventTrigger, onAlteration } from './event-trigger.js';
import { findTablesWhere, type TableWithRoot } from '../scope/table-with-root.js';

/**
 * The permanent tables that still have the default identity: they are to get the full one, so that updates and deletes
 * carry the whole row before. An identity that somebody chose (an index, nothing) is left as it is.
 */
export async function findTablesWithDefaultIdentity(client: pg.ClientBase): Promise<TableWithRoot[]> {
  return findTablesWhere(client, `c.relreplident = 'd' and not ${hasVirtualColumn}`);
}

/**
 * Gives every published table made from now on the full identity in the transaction that makes it, and publishes it
 * where everything but some exclusions is captured.
 *
 * One that has a virtual generated column gets (back) the identity of its key instead. A table that can't be altered
 * (it is in use by the same command) raises a warning and never makes the command fail.
 */
export async function setFullIdentityOfNewTables(client: pg.ClientBase): Promise<void> {
  await client.query(identityFunction);
  const trigger = { on: onAlteration, runs: 'capture_set_identity' };
  await makeEventTrigger(client, 'infratraq_capture_identity', trigger);
}

/**
 * PostgreSQL refuses every update and delete of a published table with a virtual generated column (from version 18
 * on) and the full identity, for the log can't hold that column. Such tables keep the identity of their key.
 */
const hasVirtualColumn = `exists (
  select from pg_attribute a where a.attrelid = c.oid and a.attgenerated = 'v' and not a.attisdropped)`;

/** Whether some publication holds the table whose root is `root`, in SQL. */
export const isPublishedSql = `exists (
  select from pg_publication p
  left join pg_publication_rel r on r.prpubid = p.oid and r.prrelid = root.oid
  left join pg_publication_namespace s on s.pnpubid = p.oid and s.pnnspid = root.relnamespace
  where p.puballtables or r.oid is not null or s.oid is not null)`;

/** What the command that an event trigger runs for has made or altered: `c` in `n`, under `root`; goes on with `and`. */
export const newTablesSql = `
  from pg_event_trigger_ddl_commands() d
  join pg_class c on d.classid = 'pg_class'::regclass and c.oid = d.objid
  join pg_namespace n on n.oid = c.relnamespace
  join pg_class root on root.oid = coalesce(pg_partition_root(c.oid), c.oid)
  where c.relkind in ('r', 'p') and c.relpersistence = 'p' and ${isCapturedSql}`;

/** Publications of everything but exclusions: PostgreSQL can't leave tables out of one that is for all tables. */
const addingPublications = `
  join infratraq.capture_publication own on own.schemas is null and own.tables is null
  join pg_publication p on p.pubname = own.publication and not p.puballtables
  where`;

// As its owner, for whoever makes a table need not own the publication. Altering the identity fires the trigger once more; by then no table has the wrong identity, so it ends there.
const identityFunction = `
  create or replace function infratraq.capture_set_identity() returns event_trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
  declare
    new_table regclass;
    new_identity text;
    publication_name text;
  begin
    for new_table, publication_name in
      select distinct c.oid::regclass, p.pubname ${newTablesSql.replace('where', addingPublications)} and not c.relispartition
        and not exists (
          select from infratraq.capture_exclusion e where e.schema_name = n.nspname and e.table_name = c.relname)
        and not exists (select from pg_publication_rel r where r.prpubid = p.oid and r.prrelid = c.oid)
    loop
      begin
        execute format('alter publication %I add table %s', publication_name, new_table);
      exception when others then
        raise warning 'infratraq capture: % is not captured: %', new_table, sqlerrm;
      end;
    end loop;
    for new_table, new_identity in
      select distinct c.oid::regclass, case c.relreplident when 'd' then 'full' else 'default' end
      ${newTablesSql}
        and c.relreplident = case when ${hasVirtualColumn} then 'f' else 'd' end
        and ${isPublishedSql}
    loop
      begin
        execute format('alter table %s replica identity %s', new_table, new_identity);
      exception when others then
        raise warning 'infratraq capture: % keeps its replica identity: %', new_table, sqlerrm;
      end;
    end loop;
  end
  $body$`;
