import type { Defer } from '@infratraq/kernel';
import { followNotifications, type Postgres } from '@infratraq/postgres';
import { UnauthenticatedError, type Authenticate } from '@infratraq/transport';
import { EventEmitter } from 'node:events';

const channel = 'infratraq_users';

/**
 * Refuses users who are suspended or have departed, and ends what they have open, as soon as PostgreSQL tells so. While
 * it is away, the last known users stay barred.
 */
export async function barUsers(
  authenticate: Authenticate,
  postgres: Postgres,
  onError: (error: Error) => void,
  defer: Defer,
): Promise<Authenticate> {
  let barred: ReadonlySet<string> = new Set();
  const endings = new EventEmitter().setMaxListeners(0);
  const read = async (): Promise<void> => {
    const rows = await postgres.db
      .selectFrom('infratraq.users')
      .select('user_id')
      .where('status', '<>', 'active')
      .execute();
    const before = barred;
    barred = new Set(rows.map(({ user_id }) => user_id));
    for (const user of barred) if (!before.has(user)) endings.emit(nameOf(user));
  };
  const refresh = readOneAtATime(read, onError);
  const { close } = await followNotifications(
    postgres,
    { channel, purpose: 'users' },
    { onNotification: refresh, onListening: read, onError },
  );
  defer(close);

  return async (token, address) => {
    const { onEnd, ...identity } = await authenticate(token, address);
    const { user_id } = identity;
    if (barred.has(user_id)) throw new UnauthenticatedError('This user is suspended');
    return {
      ...identity,
      onEnd: (listener) => {
        if (barred.has(user_id)) listener();
        endings.on(nameOf(user_id), listener);
        const stop = onEnd?.(listener);
        return () => {
          endings.off(nameOf(user_id), listener);
          stop?.();
        };
      },
    };
  };
}

/** An event named `error` would throw without a listener. */
function nameOf(user: string): string {
  return `user:${user}`;
}

/** Reads again after a reading during which it was asked to, so that the last one sees every change. */
function readOneAtATime(read: () => Promise<void>, onError: (error: Error) => void): () => void {
  let isAsked = false;
  let isReading = false;
  const run = async (): Promise<void> => {
    isReading = true;
    try {
      while (isAsked) {
        isAsked = false;
        await read();
      }
    } catch (error) {
      onError(error as Error);
    } finally {
      isReading = false;
    }
  };
  return () => {
    isAsked = true;
    if (!isReading) void run();
  };
}
