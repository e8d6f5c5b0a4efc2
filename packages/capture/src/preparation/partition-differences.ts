import { asOwner } from './as-owner.js';

/** What becomes of a partition is told of its root, under which its changes are. */
export const tellPartitionFunction = `
  create or replace function infratraq.capture_tell_partition(
    id oid, root oid, now jsonb, old_root oid, before jsonb
  ) returns void ${asOwner} as $body$
  declare
    name text := format('%I.%I', now ->> 'schema', now ->> 'table');
    filled boolean := true;
  begin
    if old_root <> root and before is not null then
      if old_root <> id then
        perform infratraq.capture_tell_gap(old_root, format('partition %s was detached', name));
      else
        perform infratraq.capture_tell_gap(id,
          format('is a partition of %s from here on, which its changes are told under', root::regclass));
      end if;
    end if;
    if root = id then
      return;
    end if;
    if now ->> 'kind' = 'f' or now ->> 'persistence' = 'u' then
      if before is null or old_root <> root or before -> 'persistence' <> now -> 'persistence' then
        perform infratraq.capture_tell_gap(root, format('partition %s is %s: its changes are not in the log', name,
          case now ->> 'kind' when 'f' then 'foreign' else 'unlogged' end));
      end if;
    elsif before ->> 'persistence' = 'u' then
      perform infratraq.capture_tell_gap(root,
        format('partition %s was unlogged: what happened to its rows is not known', name));
    elsif old_root <> root then
      if now ->> 'kind' = 'r' then
        execute format('select exists (select from %s)', id::regclass) into filled;
      end if;
      if filled and now ->> 'kind' = 'r' then
        perform infratraq.capture_tell_gap(root, format(
          'partition %s was attached: its rows are known from their next change on, or from a snapshot', name));
      end if;
    end if;
  end
  $body$;
  revoke all on function infratraq.capture_tell_partition(oid, oid, jsonb, oid, jsonb) from public`;
