import { isCapturedSql } from '../scope/is-captured.js';

/** The tables that a publication of everything but exclusions lists, in SQL. */
const listedTablesSql = `
  string_agg(format('table only %I.%I', n.nspname, c.relname), ', ')
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and c.relpersistence = 'p' and not c.relispartition and ${isCapturedSql}
    and not exists (
      select from infratraq.capture_exclusion e where e.schema_name = n.nspname and e.table_name = c.relname)`;

// A publication for all tables can't leave one out, nor can one for a schema: it is made anew, in the same transaction, with
// all others listed. No event trigger takes part in that, for nothing becomes of the others.
export const leaveOutFunction = `
  create or replace function infratraq.capture_leave_out(left_out oid, why text) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
  declare
    found record;
    own record;
    listed text;
    before text := current_setting('event_triggers');
    was_published boolean := false;
  begin
    select n.nspname, c.relname into found
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = left_out;
    insert into infratraq.capture_exclusion (schema_name, table_name, reason)
    values (found.nspname, found.relname, why) on conflict do nothing;
    perform set_config('event_triggers', 'off', true);
    for own in
      select p.oid, p.pubname, p.puballtables, r.oid is not null as is_listed, s.oid is not null as has_schema
      from infratraq.capture_publication o join pg_publication p on p.pubname = o.publication
      left join pg_publication_rel r on r.prpubid = p.oid and r.prrelid = left_out
      left join pg_publication_namespace s on s.pnpubid = p.oid
        and s.pnnspid = (select relnamespace from pg_class where oid = left_out)
      where p.puballtables or r.oid is not null or s.oid is not null
    loop
      was_published := true;
      if own.puballtables then
        select ${listedTablesSql} into listed;
        execute format('drop publication %I', own.pubname);
        execute format('create publication %I %s with (publish = %L, publish_via_partition_root = true, '
          'publish_generated_columns = stored)', own.pubname, coalesce('for ' || listed, ''),
          'insert, update, delete, truncate');
      elsif own.has_schema then
        execute format('alter publication %I drop tables in schema %I', own.pubname, found.nspname);
        select ${listedTablesSql} and n.nspname = found.nspname into listed;
        if listed is not null then
          execute format('alter publication %I add %s', own.pubname, listed);
        end if;
      elsif own.is_listed then
        execute format('alter publication %I drop table only %I.%I', own.pubname, found.nspname, found.relname);
      end if;
    end loop;
    perform set_config('event_triggers', before, true);
    if was_published then
      perform infratraq.capture_compare(array[left_out], 'plan');
    end if;
  end
  $body$;
  revoke all on function infratraq.capture_leave_out(oid, text) from public`;
