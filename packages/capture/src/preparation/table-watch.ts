import type pg from 'pg';
import { asOwner } from './as-owner.js';
import { newTablesSql, isPublishedSql } from './replica-identity.js';
import { hasStatementTrigger, writeStatementTrigger } from './statement-trigger.js';
import { createFactFunctions } from './table-facts.js';
import { createDifferenceFunctions } from './tell-differences.js';

/**
 * Has PostgreSQL itself watch what becomes of tables, their types and what is published of them, and tell the log so in
 * the transaction that does it: no change of a row tells that. New tables get the statement trigger.
 *
 * Whatever goes wrong in it raises a warning, and never makes the command fail.
 */
export async function watchTables(client: pg.ClientBase): Promise<void> {
  await createFactFunctions(client);
  await createDifferenceFunctions(client);
  for (const definition of [
    creationFunction,
    rewriteFunction,
    alterationFunction,
    dropFunction,
    noticeFunction,
  ])
    await client.query(definition);
  for (const [name, { on, runs }] of Object.entries(eventTriggers))
    await makeEventTrigger(client, name, on, runs);
}

/** Ends the watch, and takes the statement triggers from all tables. */
export async function unwatchTables(client: pg.ClientBase): Promise<void> {
  for (const name of Object.keys(eventTriggers)) await client.query(`drop event trigger if exists ${name}`);
  await client.query(`
    drop function if exists infratraq.capture_after_creation(), infratraq.capture_before_rewrite(),
      infratraq.capture_after_alteration(), infratraq.capture_after_drop();
    drop function if exists infratraq.capture_before_statement() cascade`);
}

/** Made anew where it is there for other commands than this version's. Loaders that replicate fire it, too. */
async function makeEventTrigger(
  client: pg.ClientBase,
  name: string,
  on: string,
  runs: string,
): Promise<void> {
  const { rowCount } = await client.query(
    `select from pg_event_trigger where evtname = $1 and evtenabled = 'A' and obj_description(oid) = $2`,
    [name, on],
  );
  if (rowCount !== 0) return;
  await client.query(`
    drop event trigger if exists ${name};
    create event trigger ${name} on ${on} execute function infratraq.${runs}();
    alter event trigger ${name} enable always;
    comment on event trigger ${name} is '${on.replaceAll("'", "''")}'`);
}

/** The rest of a function that must not make its command fail. */
const orWarn = `
    exception when others then
      raise warning 'infratraq capture: what % did is not recorded in its place: %', tg_tag, sqlerrm;
    end;`;

// Before any other event trigger alters what is new: it begins here, and nothing of it is unknown.
const creationFunction = `
  create or replace function infratraq.capture_after_creation() returns event_trigger ${asOwner} as $body$
  begin
    begin
      insert into infratraq.capture_table (table_oid, root_oid)
      select distinct c.oid, coalesce(pg_partition_root(c.oid), c.oid)
      from pg_event_trigger_ddl_commands() d
      join pg_class c on d.classid = 'pg_class'::regclass and c.oid = d.objid
      where c.relpersistence <> 't' and (c.relkind in ('r', 'p') or c.relkind = 'f' and c.relispartition)
      on conflict do nothing;${orWarn}
  end
  $body$`;

// 2: a column was added with values computed for each row; 4: a column's values were computed anew.
const rewriteFunction = `
  create or replace function infratraq.capture_before_rewrite() returns event_trigger ${asOwner} as $body$
  begin
    begin
      if pg_event_trigger_table_rewrite_reason() & 6 <> 0 then
        update infratraq.capture_table set rewritten = true
        where table_oid = pg_event_trigger_table_rewrite_oid();
      end if;${orWarn}
  end
  $body$`;

/** Tables of the oids in `named (oid)`, with what is or was below them and the roots that they are told under. */
const withRelatives = `
  tree (oid) as (
    select oid from (select oid from named union select m.table_oid from named join infratraq.capture_table m
      on m.root_oid = named.oid) as first
    union select i.inhrelid from tree join pg_inherits i on i.inhparent = tree.oid
  )
  select array_agg(distinct related.oid) into concerned from tree
  left join infratraq.capture_table m on m.table_oid = tree.oid
  cross join lateral (values (tree.oid), (pg_partition_root(tree.oid)), (m.root_oid)) as related (oid)
  where related.oid is not null`;

// A table that can't be given the trigger (it is in use by the same command) raises a warning and never makes the command fail.
const alterationFunction = `
  create or replace function infratraq.capture_after_alteration() returns event_trigger ${asOwner} as $body$
  declare
    new_table regclass;
    concerned oid[];
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
    begin
      if tg_tag like '%PUBLICATION' or tg_tag in ('DROP OWNED', 'ALTER EXTENSION') then
        if not exists (
          select from infratraq.capture_publication where replaced_by = pg_current_xact_id()
        ) then
          select array_agg(table_oid) into concerned from infratraq.capture_table;
          perform infratraq.capture_compare(concerned, tg_tag);
        end if;
        return;
      end if;
      with recursive commands as (
        select d.classid, d.objid from pg_event_trigger_ddl_commands() d where d.schema_name is distinct from 'pg_temp'
      ), types (oid) as (
        select objid from commands where classid = 'pg_type'::regclass
        union select c.reltype from commands join pg_class c on classid = 'pg_class'::regclass and c.oid = objid
        where c.reltype <> 0
      ), named (oid) as (
        select objid from commands where classid = 'pg_class'::regclass
        union select c.oid from commands join pg_class c on c.relnamespace = objid
        where classid = 'pg_namespace'::regclass and c.relkind in ('r', 'p')
        union select c.oid from types t join pg_class c on c.reloftype = t.oid where tg_tag = 'ALTER TYPE'
        union select m.table_oid from types t join infratraq.capture_table m
          on m.facts -> 'types' @> jsonb_build_array(jsonb_build_object('oid', t.oid::bigint))
      ), ${withRelatives};
      perform infratraq.capture_compare(concerned, tg_tag);
      if tg_tag in ('CREATE TABLE AS', 'SELECT INTO') then
        perform infratraq.capture_tell_gap(c.oid, 'was filled before it was published')
        ${newTablesSql} and ${isPublishedSql} and not exists (
          select from infratraq.capture_publication own join pg_publication p on p.pubname = own.publication
          left join pg_publication_namespace s on s.pnpubid = p.oid and s.pnnspid = root.relnamespace
          where p.puballtables or s.oid is not null);
      end if;${orWarn}
  end
  $body$`;

const dropFunction = `
  create or replace function infratraq.capture_after_drop() returns event_trigger ${asOwner} as $body$
  declare
    dropped record;
    concerned oid[];
  begin
    begin
      for dropped in
        delete from infratraq.capture_table m using pg_event_trigger_dropped_objects() d
        where d.classid = 'pg_class'::regclass and d.object_type in ('table', 'foreign table') and m.table_oid = d.objid
        returning m.table_oid, m.root_oid, d.schema_name, d.object_name, d.object_identity
      loop
        if dropped.root_oid = dropped.table_oid then
          perform infratraq.capture_tell(jsonb_build_object('operation', 'DROP', 'oid', dropped.table_oid::bigint,
            'schema', dropped.schema_name, 'table', dropped.object_name), null);
        else
          perform infratraq.capture_tell_gap(dropped.root_oid, format('partition %s was dropped', dropped.object_identity));
        end if;
      end loop;
      with recursive named (oid) as (
        select d.objid from pg_event_trigger_dropped_objects() d
        where d.classid = 'pg_class'::regclass and d.object_type like '%column'
        union select m.table_oid from pg_event_trigger_dropped_objects() d join infratraq.capture_table m
          on m.facts -> 'types' @> jsonb_build_array(jsonb_build_object('oid', (
            select c.reltype::bigint from pg_class c where c.oid = d.objid)))
        where d.classid = 'pg_class'::regclass and d.object_type like '%column'
      ), ${withRelatives};
      perform infratraq.capture_compare(concerned, tg_tag);${orWarn}
  end
  $body$`;

// What the event triggers did not see, because a superuser turned them off or dropped them.
const noticeFunction = `
  create or replace function infratraq.capture_notice_differences() returns void ${asOwner} as $body$
  declare
    gone record;
    concerned oid[];
  begin
    for gone in
      delete from infratraq.capture_table m where not exists (select from pg_class c where c.oid = m.table_oid)
      returning m.table_oid, m.root_oid, m.facts
    loop
      if gone.root_oid <> gone.table_oid then
        perform infratraq.capture_tell_gap(gone.root_oid, 'a partition was dropped unseen');
      elsif gone.facts is not null then
        perform infratraq.capture_tell_table('GAP', gone.facts ->> 'schema', gone.facts ->> 'table',
          'the table of this name was dropped unseen');
      end if;
    end loop;
    select array_agg(f.table_oid) into concerned
    from infratraq.capture_read_facts(array(
      select c.oid from pg_class c where c.relkind in ('r', 'p', 'f') and c.relpersistence <> 't'
    )) f
    left join infratraq.capture_table m on m.table_oid = f.table_oid
    where m.facts is distinct from f.facts or m.root_oid <> f.root_oid or m.rewritten;
    -- What somebody is altering right now is told by him, and looked at the next time.
    select array_agg(c.oid) into concerned from unnest(concerned) as c (oid)
    left join (
      select m.table_oid from infratraq.capture_table m where m.table_oid = any(concerned) for update skip locked
    ) free on free.table_oid = c.oid
    where free.table_oid is not null
      or not exists (select from infratraq.capture_table m where m.table_oid = c.oid);
    perform infratraq.capture_compare(concerned, 'notice');
  end
  $body$;
  revoke all on function infratraq.capture_notice_differences() from public`;

const creations = `'CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE SCHEMA', 'CREATE FOREIGN TABLE'`;
const alterations =
  `'ALTER TABLE', 'ALTER INDEX', 'ALTER VIEW', 'ALTER MATERIALIZED VIEW', 'ALTER FOREIGN TABLE',
  'CREATE VIEW', 'ALTER SCHEMA', 'ALTER TYPE', 'ALTER DOMAIN', 'ALTER EXTENSION',
  'CREATE PUBLICATION', 'ALTER PUBLICATION', 'DROP PUBLICATION', 'DROP OWNED'`.replaceAll(/\s+/g, ' ');

/** They fire in the order of their names. */
const eventTriggers = {
  infratraq_capture_created: {
    on: `ddl_command_end when tag in (${creations})`,
    runs: 'capture_after_creation',
  },
  infratraq_capture_drop: { on: 'sql_drop', runs: 'capture_after_drop' },
  infratraq_capture_rewrite: { on: 'table_rewrite', runs: 'capture_before_rewrite' },
  infratraq_capture_tables: {
    on: `ddl_command_end when tag in (${creations}, ${alterations})`,
    runs: 'capture_after_alteration',
  },
};
