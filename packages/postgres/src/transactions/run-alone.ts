import type { Postgres } from '../connection/connect-postgres.js';

/**
 * Runs `work` unless another process is running work of the same name; answers undefined when one is.
 *
 * The lock belongs to a session of its own, so it is free as soon as its holder ends or dies.
 */
export async function runAlone<Result>(
  { pool }: Pick<Postgres, 'pool'>,
  name: string,
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  const client = await pool.connect();
  let fault: Error | undefined;
  try {
    const { rows } = await client.query<{ mine: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as mine',
      [`infratraq ${name}`],
    );
    if (!rows[0]?.mine) return undefined;
    try {
      return await work();
    } finally {
      await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [`infratraq ${name}`]);
    }
  } catch (error) {
    fault = error as Error;
    throw error;
  } finally {
    // A session that may still hold the lock is not used again: the lock ends with it.
    client.release(fault);
  }
}
