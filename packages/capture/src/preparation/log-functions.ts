import { currentActor } from '@infratraq/kernel';
import type pg from 'pg';
import { tableEventPrefix, userPrefix } from '../reading/own-messages.js';

/**
 * Makes the functions that write into the log what it does not hold by itself: who is logged in, and what becomes of
 * a table besides its rows' changes. They tell every slot, with that slot's secret, in the transaction that is open.
 */
export async function createLogFunctions(client: pg.ClientBase): Promise<void> {
  await client.query(tellUserFunction);
  await client.query(tellFunction);
  await client.query(tellTableFunction);
}

/**
 * Says in the transaction that is open for whom it runs. By the message alone, for capture may be used in a database
 * without the function that other programs call.
 */
export async function tellActor(client: pg.ClientBase): Promise<void> {
  const actor = currentActor();
  if (actor !== undefined)
    await client.query(`select pg_logical_emit_message(true, 'infratraq.actor', $1)`, [
      JSON.stringify(actor),
    ]);
  await client.query('select infratraq.capture_tell_user()');
}

/**
 * The mark of a transaction whose user was told, in SQL that names everything in full. It is kept in a setting that only
 * superusers may set: what the session itself could set, it could set to hide who it is. The setting names functions of
 * PostgreSQL's own code whose errors are to be logged with a backtrace; none is named like the mark.
 */
export const toldMarkSql = `pg_catalog.concat(
  'infratraq_told_', pg_catalog.pg_current_xact_id()::pg_catalog.text, '_')`;
export const toldMarksSql = `pg_catalog.current_setting('backtrace_functions')`;

// Once in a transaction: a savepoint that is rolled back takes back the message and the mark alike. An owner who may not
// set the mark tells with every statement.
const tellUserFunction = `
  create or replace function infratraq.capture_tell_user() returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
  declare
    marks text := ${toldMarksSql};
    mark text := ${toldMarkSql};
  begin
    if strpos(marks, mark) > 0 then
      return;
    end if;
    if has_parameter_privilege('backtrace_functions', 'set') then
      perform set_config('backtrace_functions', concat_ws(',', nullif(marks, ''), mark), true);
    end if;
    perform pg_logical_emit_message(true, '${userPrefix}',
      json_build_object('secret', message_secret, 'user', session_user)::text)
    from infratraq.capture_position where ended_at is null;
  end
  $body$;
  revoke all on function infratraq.capture_tell_user() from public`;

// Where one publication tells less or more of the table, only those who capture from it heed it.
const tellFunction = `
  create or replace function infratraq.capture_tell(content jsonb, publication text) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
  begin
    perform infratraq.capture_tell_user();
    perform pg_logical_emit_message(true, '${tableEventPrefix}',
      -- The secret first: of a large message only the beginning is looked at before it is kept.
      format('{"secret": %s, %s', to_json(message_secret),
        substr((content || jsonb_build_object('publication', publication))::text, 2)))
    from infratraq.capture_position where ended_at is null;
  end
  $body$;
  revoke all on function infratraq.capture_tell(jsonb, text) from public`;

const tellTableFunction = `
  create or replace function infratraq.capture_tell_table(
    operation text, schema_name text, table_name text, reason text
  ) returns void
  language sql security definer set search_path = pg_catalog, pg_temp as $body$
    select infratraq.capture_tell(jsonb_build_object(
      'operation', operation, 'schema', schema_name, 'table', table_name, 'reason', reason), null)
  $body$;
  revoke all on function infratraq.capture_tell_table(text, text, text, text) from public`;
