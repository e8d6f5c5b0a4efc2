import type pg from 'pg';

/** Settings that the text forms of values and names depend on. */
export const textSettings: Readonly<Record<string, string>> = {
  DateStyle: 'ISO, YMD',
  TimeZone: 'UTC',
  IntervalStyle: 'iso_8601',
  extra_float_digits: '1',
  bytea_output: 'hex',
  quote_all_identifiers: 'off',
};

/** Settings that capture depends on, whatever the server, the database or the role is set to. */
const settings: Readonly<Record<string, string>> = {
  ...textSettings,
  // Names of tables and types (regclass and its like) come with their schema.
  search_path: '',
  // Sessions that wait, or work for long, and what they may write.
  statement_timeout: '0',
  lock_timeout: '0',
  idle_session_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  transaction_timeout: '0',
  default_transaction_read_only: 'off',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  // A table that hides rows from the role is an error then, and never read in part.
  row_security: 'off',
  standard_conforming_strings: 'on',
  transform_null_equals: 'off',
  client_min_messages: 'warning',
};

const names = Object.keys(settings).map((name) => `'${name}'`);
const values = Object.values(settings).map((value) => `'${value}'`);

// Older versions lack some of them. As text alone, because replication connections take no parameters.
const pinSettings = `
  select pg_catalog.set_config(known.name, wanted.value, false)
  from rows from (
    pg_catalog.unnest(array[${names.join(', ')}]), pg_catalog.unnest(array[${values.join(', ')}])
  ) as wanted (name, value)
  join pg_catalog.pg_settings known on known.name operator(pg_catalog.=) wanted.name`;

/** Makes a session independent of what the server, the database and the role are set to, their `set role` included. */
export async function pinSession(client: Pick<pg.ClientBase, 'query'>): Promise<void> {
  await client.query('set role none');
  await client.query(pinSettings);
}
