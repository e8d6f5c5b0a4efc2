import type { Postgres } from '../connection/connect-postgres.js';
import { withSession } from '../connection/with-session.js';

/**
 * Runs `work` unless another process is running work of the same name; answers undefined when one is.
 *
 * The lock belongs to a session of its own, so it is free as soon as its holder ends or dies. `signal` is aborted when
 * that session is lost: from then on another process may run the work.
 */
export function runAlone<Result>(
  postgres: Pick<Postgres, 'connection'>,
  name: string,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result | undefined> {
  return withSession(postgres, name, async (client, signal) => {
    const { rows } = await client.query<{ mine: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as mine',
      [`infratraq ${name}`],
    );
    return rows[0]?.mine === true ? work(signal) : undefined;
  });
}
