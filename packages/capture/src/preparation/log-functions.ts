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

// Once in a transaction: a savepoint that is rolled back takes back the message and the setting alike.
const tellUserFunction = `
  create or replace function infratraq.capture_tell_user() returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
  begin
    if current_setting('infratraq.told_user', true) = pg_current_xact_id()::text then
      return;
    end if;
    perform set_config('infratraq.told_user', pg_current_xact_id()::text, true),
      pg_logical_emit_message(true, '${userPrefix}',
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
      (content || jsonb_build_object('secret', message_secret, 'publication', publication))::text)
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
