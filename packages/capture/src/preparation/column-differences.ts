import type pg from 'pg';
import { textSettings } from '../leading/pin-session.js';
import { asOwner } from './as-owner.js';

/** Makes what tells the columns that a table has gained or lost, and those whose values are others or show otherwise. */
export async function createColumnFunctions(client: pg.ClientBase): Promise<void> {
  await client.query(tellColumnsFunction);
  await client.query(alteredColumnsFunction);
}

const pinned = Object.entries(textSettings)
  .map(([name, value]) => `set ${name} = '${value}'`)
  .join(' ');

// Values that rows have in added columns are told as they are sent, whatever the session is set to.
const tellColumnsFunction = `
  create or replace function infratraq.capture_tell_columns(id oid, now jsonb, before jsonb, unknown int[])
  returns void ${asOwner} ${pinned} as $body$
  declare
    columns jsonb;
  begin
    select coalesce(jsonb_agg(
      jsonb_build_object('name', c.value -> 'name', 'type', c.value -> 'type')
      || case when b.value is null then jsonb_build_object('added', true) else '{}' end
      || case when b.value ->> 'name' <> c.value ->> 'name' then jsonb_build_object('was', b.value -> 'name') else '{}' end
      || case when b.value is not null and (c.value -> 'number')::int = any(unknown)
        then jsonb_build_object('unknown', true) else '{}' end
      || case when b.value is null and (c.value -> 'number')::int <> all(unknown) then jsonb_build_object('value', (
        select (a.attmissingval::text::text[])[1] from pg_attribute a
        where a.atthasmissing and a.attname = c.value ->> 'name' and not a.attisdropped
          and a.attrelid in (select id union all select relid from pg_partition_tree(id))
        limit 1
      )) else '{}' end
      order by c.place), '[]')
    into columns
    from jsonb_array_elements(now -> 'columns') with ordinality as c (value, place)
    left join jsonb_array_elements(before -> 'columns') b on b.value -> 'number' = c.value -> 'number';
    perform infratraq.capture_tell(jsonb_build_object('operation', 'ALTER',
      'schema', now -> 'schema', 'table', now -> 'table', 'columns', columns, 'types', now -> 'types',
      'dropped', (
        select coalesce(jsonb_agg(b -> 'name'), '[]') from jsonb_array_elements(before -> 'columns') b
        where b -> 'number' not in (select c -> 'number' from jsonb_array_elements(now -> 'columns') c)
      ))
      || case when now -> 'key' = before -> 'key' then '{}' else jsonb_build_object('key', (
        select coalesce(jsonb_agg(c -> 'name' order by k.place), '[]')
        from jsonb_array_elements(now -> 'key') with ordinality as k (number, place)
        join jsonb_array_elements(now -> 'columns') c on c -> 'number' = k.number
      )) end, null);
  end
  $body$;
  revoke all on function infratraq.capture_tell_columns(oid, jsonb, jsonb, int[]) from public`;

// Columns whose values show otherwise, because a type that they consist of was altered, or a label of it renamed.
const alteredColumnsFunction = `
  create or replace function infratraq.capture_altered_columns(now jsonb, before jsonb) returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp as $body$
    with recursive types as (
      select t, t -> 'oid' as oid from jsonb_array_elements(now -> 'types') t
    ), altered (oid) as (
      select t.oid from types t join jsonb_array_elements(before -> 'types') b on b -> 'oid' = t.oid
      where b - array['labels', 'inputFunction'] <> t.t - array['labels', 'inputFunction'] or exists (
        select from jsonb_each(nullif(b -> 'labels', 'null')) label
        where label.value <> t.t -> 'labels' -> label.key)
      union
      select t.oid from altered a join types t on a.oid in (
        t.t -> 'baseOid', t.t -> 'elementOid', t.t -> 'subtypeOid', t.t -> 'rangeOid')
        or exists (
          select from jsonb_array_elements(nullif(t.t -> 'attributes', 'null')) attribute
          where attribute -> 'typeOid' = a.oid)
    )
    select coalesce(jsonb_agg(c -> 'name' order by c -> 'number'), '[]') from jsonb_array_elements(now -> 'columns') c
    where c -> 'type' in (select oid from altered)
  $body$;
  revoke all on function infratraq.capture_altered_columns(jsonb, jsonb) from public`;
