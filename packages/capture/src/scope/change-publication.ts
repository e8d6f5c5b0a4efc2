import type pg from 'pg';
import { tellActor } from '../preparation/log-functions.js';

/**
 * Changes what is published, and says in the trail, in the same transaction and for the current actor, of every table
 * that is left out or taken in from here on that there is a gap in what is known of it.
 */
export async function changePublication(
  client: pg.ClientBase,
  publication: string,
  sql: string,
): Promise<void> {
  await client.query('begin');
  try {
    await tellActor(client);
    await client.query(
      `update infratraq.capture_publication set replaced_by = pg_current_xact_id() where publication = $1`,
      [publication],
    );
    await client.query(sql);
    await client.query(
      `select infratraq.capture_compare((select array_agg(table_oid) from infratraq.capture_table), 'plan')`,
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
