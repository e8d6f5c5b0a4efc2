import type { MigrationStep } from '@infratraq/postgres';
import { sql } from 'kysely';

/** Rules per channel, and a notification whenever a channel or its members change, whoever changes them. */
export const liveChannels: MigrationStep = {
  name: '0002-live-channels',
  formerly: '0007-live-channels',
  async up(transaction) {
    await sql`
      alter table infratraq.channels
        add column slow_mode_seconds integer check (slow_mode_seconds between 1 and 86400),
        add column retention_days integer check (retention_days between 1 and 36500)`.execute(transaction);
    // A payload is limited to 8,000 bytes; an empty one says that anything may have changed.
    await sql`
    create function infratraq.announce_channel() returns trigger language plpgsql as $$
    declare
      changed record;
      payload text;
    begin
      if tg_level = 'STATEMENT' then
        perform pg_notify('infratraq_channel', '');
        return null;
      end if;
      for changed in
        select to_jsonb(old) as row where tg_op <> 'INSERT'
        union
        select to_jsonb(new) where tg_op <> 'DELETE'
      loop
        payload := jsonb_strip_nulls(jsonb_build_object(
          'channel_id', changed.row -> 'channel_id', 'user_id', changed.row -> 'user_id'))::text;
        perform pg_notify('infratraq_channel', case when octet_length(payload) < 7900 then payload else '' end);
      end loop;
      return null;
    end
    $$`.execute(transaction);
    for (const table of ['channels', 'channel_members']) {
      const name = sql.table(`infratraq.${table}`);
      await sql`
      create trigger announce_row after insert or update or delete on ${name}
      for each row execute function infratraq.announce_channel()`.execute(transaction);
      await sql`
      create trigger announce_truncation after truncate on ${name}
      for each statement execute function infratraq.announce_channel()`.execute(transaction);
    }
  },
};
