import type pg from 'pg';

/**
 * Tells the log what became of tables and of the publication unseen, because a superuser turned the event triggers off or
 * dropped them: gaps, from here on. Does nothing where capture is not prepared, or for a role that may not tell.
 */
export async function noticeDifferences(client: pg.ClientBase | pg.Pool): Promise<void> {
  const { rows } = await client.query<{ may: boolean | null }>(
    `select has_function_privilege(to_regprocedure('infratraq.capture_notice_differences()'), 'execute') as may`,
  );
  if (rows[0]?.may === true) await client.query('select infratraq.capture_notice_differences()');
}
