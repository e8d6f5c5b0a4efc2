import { InfratraqError } from '@infratraq/kernel';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { endClient, superviseClient } from './supervise-client.js';

/** A pooler before PostgreSQL gives each transaction another session. */
export class PostgresPoolerError extends InfratraqError {
  constructor(cause?: unknown) {
    super(
      'postgres.pooler',
      'POSTGRES_URL leads to a connection pooler that gives each transaction another session (pgbouncer with ' +
        'pool_mode = transaction or statement). Advisory locks, LISTEN and session settings do not hold there: set ' +
        'POSTGRES_URL to PostgreSQL itself, or to a pool with pool_mode = session',
      { cause },
    );
  }
}

const rounds = 3;
const answerMilliseconds = 10_000;

/**
 * Makes sure that a connection keeps its session.
 *
 * @param first a connection that is open
 * @throws PostgresPoolerError `postgres.pooler`
 */
export async function requireSessions(first: pg.ClientBase, connection: pg.ClientConfig): Promise<void> {
  const { processID } = first as unknown as { processID: number | null };
  // A pooler makes up what PostgreSQL says of its own process when a session begins.
  if ((await readBackend(first)) === processID) return;
  const [one, other] = [1, 2].map(() => new pg.Client(connection)) as [pg.Client, pg.Client];
  for (const client of [one, other]) superviseClient(client, answerMilliseconds);
  try {
    await Promise.all([one.connect(), other.connect()]);
    for (let round = 0; round < rounds; round += 1)
      if (!(await keepsSession(one, other))) throw new PostgresPoolerError();
  } catch (error) {
    throw isStatementPooling(error) ? new PostgresPoolerError(error) : error;
  } finally {
    await Promise.all([endClient(one), endClient(other)]);
  }
}

/** The other one takes a connection for a transaction: under a pooler that is the one's own, or the one gets another. */
async function keepsSession(one: pg.Client, other: pg.Client): Promise<boolean> {
  const mark = randomUUID();
  const before = await readBackend(one);
  await one.query(`select set_config('infratraq.session', $1, false)`, [mark]);
  await other.query('begin');
  try {
    const { rows } = await other.query<{ mark: string | null }>(
      `select current_setting('infratraq.session', true) as mark`,
    );
    return rows[0]?.mark !== mark && (await readBackend(one)) === before;
  } finally {
    await other.query('rollback');
  }
}

async function readBackend(client: pg.ClientBase): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return rows[0]?.pid;
}

function isStatementPooling(error: unknown): boolean {
  return error instanceof Error && /transaction blocks not allowed in statement pooling/i.test(error.message);
}
