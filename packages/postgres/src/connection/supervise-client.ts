import { InfratraqError } from '@infratraq/kernel';
import type { Duplex } from 'node:stream';
import type pg from 'pg';
import { areLimitsLifted } from './time-limits.js';

/** PostgreSQL, or the network before it, has not answered a statement. */
class PostgresSilentError extends InfratraqError {
  constructor(milliseconds: number) {
    super(
      'database.timeout',
      `PostgreSQL has not answered for ${milliseconds} ms, and its connection was closed; try again`,
      { status: 503, retryAfterMilliseconds: 1_000 },
    );
  }
}

/**
 * Keeps a client from harming the process: an error between two statements, which would end it, shows at the next
 * statement, and a connection that does not answer a statement in time is closed.
 */
export function superviseClient(client: pg.ClientBase, answerMilliseconds: number): void {
  client.on('error', () => undefined);
  const query = client.query.bind(client) as (...parameters: unknown[]) => unknown;
  const supervised = (...parameters: unknown[]): unknown => {
    if (areLimitsLifted()) return query(...parameters);
    const silent = (): void => void streamOf(client).destroy(new PostgresSilentError(answerMilliseconds));
    const timer = setTimeout(silent, answerMilliseconds);
    const settle = (): void => clearTimeout(timer);
    const callback = parameters.at(-1);
    if (typeof callback === 'function') {
      const answer = (...answers: unknown[]): void => {
        settle();
        (callback as (...answers: unknown[]) => void)(...answers);
      };
      return query(...parameters.slice(0, -1), answer);
    }
    const result = query(...parameters);
    if (result instanceof Promise) result.then(settle, settle);
    else settle();
    return result;
  };
  client.query = supervised as typeof client.query;
}

const goodbyeMilliseconds = 1_000;

/** Ends a client, and hangs up when its server does not answer the goodbye. */
export async function endClient(client: pg.Client): Promise<void> {
  const hangUp = setTimeout(() => streamOf(client).destroy(), goodbyeMilliseconds);
  try {
    await client.end();
  } finally {
    clearTimeout(hangUp);
  }
}

/** node-postgres does not declare what is beneath a client. */
function streamOf(client: pg.ClientBase): Duplex {
  return (client as unknown as { connection: { stream: Duplex } }).connection.stream;
}
