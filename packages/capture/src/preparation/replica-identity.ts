import type pg from 'pg';
import { isCapturedSql } from '../scope/is-captured.js';
import { makeEventTrigger, onAlteration } from './event-trigger.js';
import { leaveOutFunction } from './leave-out.js';
import { findTablesWhere, type TableWithRoot } from '../scope/table-with-root.js';

/** A table, and what its replica identity is to be, as SQL writes it. */
export interface IdentifiedTable extends TableWithRoot {
  identity: string;
}

/**
 * The permanent tables whose replica identity is to be altered: to the full one, so that updates and deletes carry the
 * whole row before, or where PostgreSQL would refuse them then, to that of a key. An index that somebody chose is left.
 */
export async function findTablesToIdentify(client: pg.ClientBase): Promise<IdentifiedTable[]> {
  const found: IdentifiedTable[] = [];
  for (const identity of ['full', 'default', 'index'])
    for (const table of await findTablesWhere(client, `${wantedIdentitySql} = '${identity}'`))
      found.push({ ...table, identity: identity === 'index' ? await nameIndex(client, table) : identity });
  return found.sort((a, b) => compareNames(a, b));
}

/** Those whose updates and deletes PostgreSQL would refuse whatever their identity: none fits as long as they are published. */
export function findTablesWithoutIdentity(client: pg.ClientBase): Promise<TableWithRoot[]> {
  return findTablesWhere(client, `${wantedIdentitySql} = 'none'`);
}

/** Why such tables are left out. */
export const noIdentityReason =
  'has a virtual generated column and no key: published, its updates would fail; add a primary key (or make the column ' +
  'stored), then include it';

/**
 * Gives every published table the identity that suits it in the transaction that makes or alters it, or what it inherits
 * from, or what publishes it; and publishes new tables where everything but some exclusions is captured.
 *
 * No command ever fails for it, and no later write: a table that no identity suits is left out, which the trail and the
 * coverage tell. One that can't be altered (it is in use by the same command) raises a warning.
 */
export async function watchIdentities(client: pg.ClientBase): Promise<void> {
  await client.query(leaveOutFunction);
  await client.query(identityFunction);
  for (const [name, on] of Object.entries(identityTriggers))
    await makeEventTrigger(client, name, { on, runs: 'capture_set_identity' });
}

export async function releaseIdentities(client: pg.ClientBase): Promise<void> {
  for (const name of Object.keys(identityTriggers))
    await client.query(`drop event trigger if exists ${name}`);
  await client.query(`drop function if exists
    infratraq.capture_set_identity(), infratraq.capture_leave_out(oid, text)`);
}

const identityTriggers = {
  infratraq_capture_identity: onAlteration,
  infratraq_capture_identity_keys: `ddl_command_end
    when tag in ('CREATE INDEX', 'DROP INDEX', 'CREATE PUBLICATION', 'ALTER PUBLICATION')`,
};

async function nameIndex(client: pg.ClientBase, { schema, table }: TableWithRoot): Promise<string> {
  const { rows } = await client.query<{ identity: string }>(
    `select ${indexIdentitySql} as identity from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2`,
    [schema, table],
  );
  return (rows[0] as { identity: string }).identity;
}

function compareNames(a: TableWithRoot, b: TableWithRoot): number {
  return a.schema === b.schema ? (a.table < b.table ? -1 : 1) : a.schema < b.schema ? -1 : 1;
}

/**
 * Whether PostgreSQL would refuse updates and deletes of `c` with the full identity. It does (from version 18 on) where the
 * table has a virtual generated column, which the log can't hold, or a stored one that any publication leaves out; and
 * where any publication, of whoever it is, lists columns.
 */
export const refusesFullSql = `(
  exists (select from pg_attribute a where a.attrelid = c.oid and a.attgenerated = 'v' and not a.attisdropped)
  or exists (
    select from pg_publication p
    cross join (select c.oid union select up.relid from pg_partition_ancestors(c.oid) up) as held (relid)
    join pg_class told on told.oid = held.relid
    left join pg_publication_rel r on r.prpubid = p.oid and r.prrelid = told.oid
    left join pg_publication_namespace s on s.pnpubid = p.oid and s.pnnspid = told.relnamespace
    where (p.pubupdate or p.pubdelete) and (r.prattrs is not null or (
      (p.puballtables or r.oid is not null or s.oid is not null) and to_jsonb(p) ->> 'pubgencols' = 'n'
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attgenerated = 's' and not a.attisdropped)
    ))
  ))`;

/** An index of `c` that tells rows apart at every moment, in SQL over \`pg_index i\`. */
const keyIndexSql = `i.indrelid = c.oid and i.indisunique and i.indimmediate and i.indisvalid`;

const hasPrimaryKeySql = `exists (select from pg_index i where ${keyIndexSql} and i.indisprimary)`;
const hasChosenIndexSql = `exists (select from pg_index i where ${keyIndexSql} and i.indisreplident)`;

/** The identity by an index besides the primary key, as SQL writes it; null where none can be it. */
const indexIdentitySql = `(
  select format('using index %I', x.relname) from pg_index i join pg_class x on x.oid = i.indexrelid
  where ${keyIndexSql} and i.indpred is null and i.indexprs is null and not exists (
    select from unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
    where k.place <= i.indnkeyatts and not (a.attnotnull and a.attgenerated <> 'v'))
  order by i.indnkeyatts, x.relname limit 1)`;

/** What the identity of `c` is to be altered to: full, default, index, or none where nothing fits; null where it suits. */
const wantedIdentitySql = `(case
  when c.relreplident = 'i' and ${hasChosenIndexSql} then null
  when not ${refusesFullSql} then case when c.relreplident <> 'f' then 'full' end
  when ${hasPrimaryKeySql} then case when c.relreplident <> 'd' then 'default' end
  when ${indexIdentitySql} is not null then 'index'
  when exists (select from pg_attribute a where a.attrelid = c.oid and a.attgenerated = 'v' and not a.attisdropped)
    and c.relkind = 'r' then 'none'
end)`;

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

/** The tables that a command may have to do with: what it made or altered, and what inherits from that; else all. */
const touchedSql = `
  with recursive touched (oid) as (
    select d.objid from pg_event_trigger_ddl_commands() d where d.classid = 'pg_class'::regclass
    union
    select i.inhrelid from pg_inherits i join touched t on i.inhparent = t.oid
  )
  select distinct c.oid as table_oid, root.oid as root_oid, ${wantedIdentitySql} as identity, ${indexIdentitySql} as index_identity
  from (
    -- First the tables, then what is looked up for each.
    select * from pg_class c where c.relkind in ('r', 'p') and c.relpersistence = 'p'
      and (c.oid in (select oid from touched)
        or tg_tag in ('CREATE INDEX', 'DROP INDEX', 'CREATE PUBLICATION', 'ALTER PUBLICATION'))
    offset 0
  ) c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_class root on root.oid = coalesce(pg_partition_root(c.oid), c.oid)
  where ${isCapturedSql} and ${isPublishedSql} and ${wantedIdentitySql} is not null`;

// As its owner, for whoever makes a table need not own the publication. Altering the identity fires the trigger once more; by then no table has the wrong identity, so it ends there.
const identityFunction = `
  create or replace function infratraq.capture_set_identity() returns event_trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
  declare
    new_table regclass;
    publication_name text;
    touched record;
  begin
    for new_table, publication_name in
      select distinct c.oid::regclass, p.pubname ${newTablesSql.replace('where', addingPublications)} and not c.relispartition
        and not exists (
          select from infratraq.capture_exclusion e where e.schema_name = n.nspname and e.table_name = c.relname)
        and not exists (select from pg_publication_rel r where r.prpubid = p.oid and r.prrelid = c.oid)
    loop
      begin
        execute format('alter publication %I add table only %s', publication_name, new_table);
      exception when others then
        raise warning 'infratraq capture: % is not captured: %', new_table, sqlerrm;
      end;
    end loop;
    for touched in ${touchedSql} loop
      begin
        if touched.identity = 'none' then
          perform infratraq.capture_leave_out(touched.root_oid, '${noIdentityReason}');
          raise warning 'infratraq capture: % is not captured: it %', touched.table_oid::regclass, '${noIdentityReason}';
        else
          execute format('alter table %s replica identity %s', touched.table_oid::regclass,
            case touched.identity when 'index' then touched.index_identity else touched.identity end);
        end if;
      exception when others then
        raise warning 'infratraq capture: % keeps its replica identity: %', touched.table_oid::regclass, sqlerrm;
      end;
    end loop;
  end
  $body$`;
