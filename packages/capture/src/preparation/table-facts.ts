import type pg from 'pg';
import { isCapturedSql } from '../scope/is-captured.js';
import { tellsAllSql } from '../scope/publication.js';
import { hasStatementTrigger } from './statement-trigger.js';
import { writeTypesQuery } from '../values/read-types.js';

// In PL/pgSQL, which keeps plans: to plan these queries takes longer than to run them.

/**
 * Makes `infratraq.capture_read_facts`, which reads what capture remembers of tables to notice what becomes of them: their
 * names, columns, key and types, whether they are logged, and which of capture's publications tell all of them.
 *
 * A partition is told under its root, so only its name and whether it is logged count.
 */
export async function createFactFunctions(client: pg.ClientBase): Promise<void> {
  await client.query(textFormFunction);
  await client.query(typesFunction);
  await client.query(factsFunction);
}

// Types of one form write a value as the same text, so that a column may change between them without a change of its
// values: domains of the same type, and those that PostgreSQL takes for text as they are.
const textFormFunction = `
  create or replace function infratraq.capture_text_form(type oid) returns text
  language sql stable set search_path = pg_catalog, pg_temp as $body$
    select case
      when t.typtype = 'd' then infratraq.capture_text_form(t.typbasetype)
      when t.typcategory = 'A' and t.typelem <> 0 then infratraq.capture_text_form(t.typelem) || '[]'
      when t.oid in ('varchar'::regtype, 'xml'::regtype) then 'text'::regtype::oid::text
      else t.oid::text
    end
    from pg_type t where t.oid = type
  $body$;
  revoke all on function infratraq.capture_text_form(oid) from public`;

/** OIDs below it are the same in every database, and known without the catalog. */
const firstUnknownOid = 10_000;

const typesFunction = `
  create or replace function infratraq.capture_types(types oid[]) returns jsonb
  language plpgsql stable set search_path = pg_catalog, pg_temp as $body$
  begin
    return (select coalesce(jsonb_agg(jsonb_build_object(
      'oid', t.oid::bigint, 'baseOid', t."baseOid"::bigint, 'elementOid', t."elementOid"::bigint,
      'elementDelimiter', t."elementDelimiter", 'subtypeOid', t."subtypeOid"::bigint,
      'rangeOid', t."rangeOid"::bigint, 'inputFunction', t."inputFunction", 'attributes', t.attributes,
      'labels', (select jsonb_object_agg(e.oid, e.enumlabel) from pg_enum e where e.enumtypid = t.oid)
    ) order by t.oid), '[]')
    from (${writeTypesQuery('$1', 'null')}) t
    where t.oid >= ${firstUnknownOid} or t.attributes is not null);
  end
  $body$;
  revoke all on function infratraq.capture_types(oid[]) from public`;

/** Types whose form is their own OID, so that it need not be asked for. */
const commonTypes = [16, 17, 20, 21, 23, 25, 114, 700, 701, 1082, 1114, 1184, 1700, 2950, 3802].join(', ');

const factsFunction = `
  create or replace function infratraq.capture_read_facts(oids oid[])
  returns table (table_oid oid, root_oid oid, facts jsonb)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $body$
  #variable_conflict use_column
  begin
    return query select c.oid, coalesce(pg_partition_root(c.oid), c.oid)::oid,
      jsonb_build_object('schema', n.nspname, 'table', c.relname, 'kind', c.relkind,
        'persistence', c.relpersistence, 'captured', ${isCapturedSql}, 'attributed', ${hasStatementTrigger})
      || case when c.relispartition then '{}' else jsonb_build_object(
        'published', (
          select coalesce(jsonb_agg(p.pubname order by p.pubname), '[]')
          from infratraq.capture_publication own
          join pg_publication p on p.pubname = own.publication
          left join pg_publication_rel r on r.prpubid = p.oid and r.prrelid = c.oid
          left join pg_publication_namespace s on s.pnpubid = p.oid and s.pnnspid = c.relnamespace
          where ${tellsAllSql}
        ),
        'columns', (
          select coalesce(jsonb_agg(jsonb_build_object(
            'number', a.attnum, 'name', a.attname, 'type', a.atttypid::bigint,
            'form', case when a.atttypid in (${commonTypes}) then a.atttypid::text
              else infratraq.capture_text_form(a.atttypid) end
          ) order by a.attnum), '[]')
          from pg_attribute a
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated <> 'v'
        ),
        'key', (
          select coalesce(jsonb_agg(k.attnum order by k.place), '[]')
          from pg_index i cross join unnest(i.indkey::int2[]) with ordinality as k (attnum, place)
          where i.indrelid = c.oid and i.indisprimary and k.place <= i.indnkeyatts
        ),
        'types', case when exists (
          select from pg_attribute a join pg_type t on t.oid = a.atttypid
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            and (t.oid >= ${firstUnknownOid} or t.typtype = 'c')
        ) then infratraq.capture_types(array(
          select distinct a.atttypid from pg_attribute a
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        )) else '[]' end
      ) end
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.oid = any(oids) and c.relpersistence <> 't' and n.nspname !~ '^pg_'
      and n.nspname <> 'information_schema' and (c.relkind in ('r', 'p') or c.relkind = 'f' and c.relispartition);
  end
  $body$;
  revoke all on function infratraq.capture_read_facts(oid[]) from public`;
