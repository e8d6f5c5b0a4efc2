import type pg from 'pg';

/** When a table is made or altered: in the transaction that does so, once it has been done. */
export const onAlteration = `ddl_command_end
  when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE SCHEMA', 'ALTER TABLE')`;

/** Makes an event trigger that runs a function of schema `infratraq`, where there is none of that name. */
export async function makeEventTrigger(
  client: pg.ClientBase,
  name: string,
  { on, runs }: { on: string; runs: string },
): Promise<void> {
  const { rowCount } = await client.query('select from pg_event_trigger where evtname = $1', [name]);
  if (rowCount === 0)
    await client.query(`create event trigger ${name} on ${on} execute function infratraq.${runs}()`);
}
