import type pg from 'pg';
import { faultPrefix, shapePrefix } from '../reading/own-messages.js';
import { asOwner } from './as-owner.js';
import { createColumnFunctions } from './column-differences.js';
import { followNameFunction, tellRenamedFunction } from './follow-names.js';
import { tellPartitionFunction } from './partition-differences.js';

/**
 * Makes `infratraq.capture_compare`, which compares tables with what capture remembers of them, tells the log what has
 * become of them since, in the transaction that is open, and remembers that.
 *
 * It is told the command that has done it; `prepare` tells nothing of tables that are new to capture, `plan` changes the
 * publication on purpose, and `notice` finds what went by unseen, of which only gaps can be told.
 */
export async function createDifferenceFunctions(client: pg.ClientBase): Promise<void> {
  await client.query(tellGapFunction);
  await client.query(tellShapeFunction);
  await client.query(followNameFunction);
  await client.query(tellRenamedFunction);
  await createColumnFunctions(client);
  await client.query(tellPartitionFunction);
  await client.query(tellTableFunction);
  await client.query(compareFunction);
}

const tellGapFunction = `
  create or replace function infratraq.capture_tell_gap(id oid, reason text) returns void
  language sql security definer set search_path = pg_catalog, pg_temp as $body$
    select infratraq.capture_tell_table('GAP', n.nspname, c.relname, reason)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = id
  $body$;
  revoke all on function infratraq.capture_tell_gap(oid, text) from public`;

// What the log does not say of a table itself: its key, and what its types consist of.
const tellShapeFunction = `
  create or replace function infratraq.capture_tell_shape(id oid, facts jsonb, to_source text) returns void
  ${asOwner} as $body$
  begin
    perform pg_logical_emit_message(true, '${shapePrefix}', json_build_object(
      'secret', message_secret, 'oid', id::bigint, 'types', facts -> 'types',
      'key', (
        select coalesce(jsonb_agg(c ->> 'name' order by k.place), '[]')
        from jsonb_array_elements(facts -> 'key') with ordinality as k (number, place)
        join jsonb_array_elements(facts -> 'columns') c on c -> 'number' = k.number
      ))::text)
    from infratraq.capture_position where ended_at is null and source = coalesce(to_source, source);
  end
  $body$;
  revoke all on function infratraq.capture_tell_shape(oid, jsonb, text) from public`;

const tellTableFunction = `
  create or replace function infratraq.capture_tell_difference(
    id oid, now jsonb, before jsonb, rewritten boolean, tag text
  ) returns void ${asOwner} as $body$
  declare
    publication_name text;
    exclusion_reason text := (
      select e.reason from infratraq.capture_exclusion e
      where e.schema_name = now ->> 'schema' and e.table_name = now ->> 'table');
    gaps text[] := '{}';
    altered_types jsonb;
    -- Columns whose values in existing rows are not in the log: those that a command which rewrites the table has
    -- touched or computes, and those that show the same values otherwise.
    unknown int[] := array(
      select a.attnum from pg_attribute a
      where rewritten and a.attrelid = id and a.attnum > 0 and not a.attisdropped
        and (a.attgenerated = 's' or age(a.xmin) <= 0)
      union
      select (c -> 'number')::int from jsonb_array_elements(before -> 'columns') b
      join jsonb_array_elements(now -> 'columns') c on b -> 'number' = c -> 'number'
      where b -> 'form' <> c -> 'form');
  begin
    if before is null then
      if now ->> 'persistence' = 'u' then
        perform infratraq.capture_tell_gap(id, 'is unlogged: its changes are not in the log');
      elsif exclusion_reason is not null and now -> 'published' = '[]' then
        perform infratraq.capture_tell_gap(id, 'left out: ' || exclusion_reason);
      end if;
      return;
    end if;
    if (before ->> 'schema', before ->> 'table') <> (now ->> 'schema', now ->> 'table') then
      if tag = 'notice' then
        perform infratraq.capture_tell_table('GAP', before ->> 'schema', before ->> 'table',
          'is the name of another table, or of none, since a time that is not known');
        gaps := gaps || 'has another name since a time that is not known'::text;
      elsif before -> 'captured' = 'true' then
        perform infratraq.capture_tell(jsonb_build_object('operation', 'RENAME',
          'schema', before -> 'schema', 'table', before -> 'table',
          'to', jsonb_build_object('schema', now -> 'schema', 'table', now -> 'table')), null);
      else
        gaps := gaps || 'taken in: what was before is not known'::text;
      end if;
      perform infratraq.capture_follow_name(
        before ->> 'schema', before ->> 'table', now ->> 'schema', now ->> 'table');
    end if;
    -- Nothing is known of its rows, before as after.
    if before -> 'published' = '[]' and now -> 'published' = '[]' then
      return;
    end if;
    if before -> 'persistence' <> now -> 'persistence' then
      gaps := gaps || case now ->> 'persistence'
        when 'u' then 'is unlogged: its changes are not in the log'
        else 'was unlogged: what happened meanwhile is not known' end;
    end if;
    for publication_name in
      select jsonb_array_elements_text(before -> 'published') except select jsonb_array_elements_text(now -> 'published')
    loop
      perform infratraq.capture_tell(jsonb_build_object('operation', 'GAP', 'lasting', true,
        'schema', now -> 'schema', 'table', now -> 'table', 'reason', case
          when exclusion_reason is not null then 'left out: ' || exclusion_reason
          when tag = 'plan' then 'left out: not in the scope'
          else 'the publication does not tell everything of it any more' end), publication_name);
    end loop;
    for publication_name in
      select jsonb_array_elements_text(now -> 'published') except select jsonb_array_elements_text(before -> 'published')
    loop
      perform infratraq.capture_tell(jsonb_build_object('operation', 'GAP',
        'schema', now -> 'schema', 'table', now -> 'table',
        'reason', 'taken in: what was before is not known'), publication_name);
    end loop;
    if rewritten and unknown = '{}' then
      gaps := gaps || 'was rewritten with values that are not in the log'::text;
    end if;
    altered_types := infratraq.capture_altered_columns(now, before);
    if altered_types <> '[]' then
      perform infratraq.capture_tell(jsonb_build_object('operation', 'GAP',
        'schema', now -> 'schema', 'table', now -> 'table', 'columns', altered_types,
        'reason', 'has values of a type that was altered'), null);
    end if;
    if (before -> 'columns', before -> 'key') is distinct from (now -> 'columns', now -> 'key') then
      if tag = 'notice' and gaps = '{}' then
        gaps := gaps || 'was altered at a time that is not known'::text;
      end if;
    end if;
    if gaps <> '{}' then
      perform infratraq.capture_tell_gap(id, array_to_string(gaps, '; '));
    end if;
    if tag <> 'notice' and (
      unknown <> '{}' or before -> 'key' <> now -> 'key' or (
        select jsonb_agg(jsonb_build_array(b -> 'number', b -> 'name')) from jsonb_array_elements(before -> 'columns') b
      ) is distinct from (
        select jsonb_agg(jsonb_build_array(c -> 'number', c -> 'name')) from jsonb_array_elements(now -> 'columns') c
      )) then
      perform infratraq.capture_tell_columns(id, now, before, unknown);
    end if;
  end
  $body$;
  revoke all on function infratraq.capture_tell_difference(oid, jsonb, jsonb, boolean, text) from public`;

// Remembers before it tells: whoever makes a slot locks what is remembered, and then nothing falls between.
const compareFunction = `
  create or replace function infratraq.capture_compare(oids oid[], tag text) returns void ${asOwner} as $body$
  declare
    one record;
    less_told text[] := '{}';
  begin
    if oids is null then
      return;
    end if;
    perform from infratraq.capture_table m where m.table_oid = any(oids) order by m.table_oid for update;
    for one in
      select f.table_oid as id, f.root_oid as root, f.facts as now, m.root_oid as old_root, m.facts as before,
        exists (
          select from infratraq.capture_table part where part.root_oid = f.table_oid and part.rewritten
        ) as rewritten
      from infratraq.capture_read_facts(oids) f left join infratraq.capture_table m on m.table_oid = f.table_oid
      where m.facts is distinct from f.facts or m.root_oid <> f.root_oid or exists (
        select from infratraq.capture_table part where part.root_oid = f.root_oid and part.rewritten)
      order by f.table_oid
    loop
      insert into infratraq.capture_table as m (table_oid, root_oid, facts) values (one.id, one.root, one.now)
      on conflict (table_oid) do update
      set root_oid = excluded.root_oid, facts = excluded.facts, rewritten = false;
      if one.root = one.id and (one.before -> 'columns', one.before -> 'key', one.before -> 'types')
        is distinct from (one.now -> 'columns', one.now -> 'key', one.now -> 'types')
      then
        perform infratraq.capture_tell_shape(one.id, one.now, null);
      end if;
      if one.before is not null then
        perform infratraq.capture_tell_renamed(one.id, one.root, one.now, one.old_root, one.before);
      end if;
      if one.before is null and tag in ('prepare', 'notice') then
        continue;
      elsif one.old_root is null and tag like 'ALTER %' and tag not like '%PUBLICATION' and one.root = one.id then
        perform infratraq.capture_tell_gap(one.id, 'taken in: what was before is not known');
      elsif one.root <> one.id or one.old_root <> one.root then
        perform infratraq.capture_tell_partition(one.id, one.root, one.now, coalesce(one.old_root, one.id),
          one.before);
      else
        perform infratraq.capture_tell_difference(one.id, one.now, one.before, one.rewritten, tag);
        if tag <> 'plan' and one.before -> 'captured' = 'true' and exists (
          select jsonb_array_elements_text(one.before -> 'published')
          except select jsonb_array_elements_text(one.now -> 'published')
        ) then
          less_told := less_told || format('%I.%I', one.now ->> 'schema', one.now ->> 'table');
        end if;
      end if;
    end loop;
    if less_told <> '{}' then
      perform pg_logical_emit_message(true, '${faultPrefix}', json_build_object('secret', message_secret,
        'command', tag, 'count', cardinality(less_told), 'tables', to_jsonb(less_told[1:20]))::text)
      from infratraq.capture_position where ended_at is null;
    end if;
  end
  $body$;
  revoke all on function infratraq.capture_compare(oid[], text) from public`;
