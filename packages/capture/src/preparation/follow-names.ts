import { asOwner } from './as-owner.js';

/** What operators said of a table by its name goes on to be said of it. */
export const followNameFunction = `
  create or replace function infratraq.capture_follow_name(
    old_schema text, old_table text, new_schema text, new_table text
  ) returns void ${asOwner} as $body$
  begin
    update infratraq.capture_publication p set tables = array_replace(array_replace(p.tables,
      old_schema || '.' || old_table, new_schema || '.' || new_table),
      case old_schema when 'public' then old_table end, new_schema || '.' || new_table)
    where p.tables is not null;
    update infratraq.capture_exclusion set schema_name = new_schema, table_name = new_table
    where schema_name = old_schema and table_name = old_table;
    delete from infratraq.capture_snapshot where schema_name = new_schema and table_name = new_table;
    update infratraq.capture_snapshot set schema_name = new_schema, table_name = new_table
    where schema_name = old_schema and table_name = old_table;
    delete from infratraq.capture_snapshot_skipped where schema_name = new_schema and table_name = new_table;
    update infratraq.capture_snapshot_skipped set schema_name = new_schema, table_name = new_table
    where schema_name = old_schema and table_name = old_table;
  end
  $body$;
  revoke all on function infratraq.capture_follow_name(text, text, text, text) from public`;

/**
 * Tells whoever keeps statements about columns by name, in the transaction that gives them another: by
 * `infratraq.on_renamed(old_schema, old_table, new_schema, new_table, columns)`, where there is such a function.
 * `columns` maps old names to new ones. A partition goes by its root's name, so attaching and detaching are renames.
 *
 * The function must be SECURITY DEFINER: called with the rights of whoever prepared capture, its owner could do anything.
 */
export const tellRenamedFunction = `
  create or replace function infratraq.capture_tell_renamed(id oid, root oid, now jsonb, old_root oid, before jsonb)
  returns void ${asOwner} as $body$
  declare
    former jsonb := before;
    latter jsonb := now;
    columns jsonb;
  begin
    if root <> id and root = old_root or not exists (
      select from pg_proc where prosecdef
        and oid = to_regprocedure('infratraq.on_renamed(text, text, text, text, jsonb)')
    ) then
      return;
    end if;
    if old_root <> id then
      select m.facts into former from infratraq.capture_table m where m.table_oid = old_root;
    end if;
    if root <> id then
      select jsonb_build_object('schema', n.nspname, 'table', c.relname) into latter
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = root;
    end if;
    select coalesce(jsonb_object_agg(b ->> 'name', c ->> 'name'), '{}') into columns
    from jsonb_array_elements(before -> 'columns') b
    join jsonb_array_elements(now -> 'columns') c on b -> 'number' = c -> 'number' and b -> 'name' <> c -> 'name';
    if (former ->> 'schema', former ->> 'table') <> (latter ->> 'schema', latter ->> 'table') or columns <> '{}' then
      perform infratraq.on_renamed(former ->> 'schema', former ->> 'table', latter ->> 'schema', latter ->> 'table', columns);
    end if;
  end
  $body$;
  revoke all on function infratraq.capture_tell_renamed(oid, oid, jsonb, oid, jsonb) from public`;
