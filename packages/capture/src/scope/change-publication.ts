import type pg from 'pg';
import { isCaptured } from './is-captured.js';
import { tellActor, tellTableEvent } from '../preparation/log-functions.js';
import { readPublication } from './publication.js';
import { quoteTable, type TableName, type TableExclusion } from './table-exclusion.js';

/**
 * Changes what is published, and says in the trail, in the same transaction and for the current actor, of every table
 * that is left out or taken in from here on that there is a gap in what is known of it.
 */
export async function changePublication(
  client: pg.ClientBase,
  publication: string,
  sql: string,
  exclusions: readonly (TableName & Pick<TableExclusion, 'reason'>)[],
): Promise<void> {
  const reasons = new Map(exclusions.map((one) => [quoteTable(one), one.reason]));
  await client.query('begin');
  try {
    await tellActor(client);
    const { exists } = await readPublication(client, publication);
    const before = await listPublished(client, publication);
    await client.query(sql);
    // A publication that is new is read by nobody yet; others have their own.
    const after = exists ? await listPublished(client, publication) : before;
    for (const [name, table] of before)
      if (!after.has(name))
        await tellTableEvent(client, 'GAP', table, `left out: ${reasons.get(name) ?? 'not in the scope'}`);
    for (const [name, table] of after)
      if (!before.has(name))
        await tellTableEvent(client, 'GAP', table, 'taken in: what was before is not known');
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

async function listPublished(client: pg.ClientBase, publication: string): Promise<Map<string, TableName>> {
  const { rows } = await client.query<TableName>(
    'select schemaname as schema, tablename as table from pg_publication_tables where pubname = $1 order by 1, 2',
    [publication],
  );
  return new Map(
    rows.filter((one) => isCaptured(one.schema, one.table)).map((one) => [quoteTable(one), one]),
  );
}
