import { AsyncLocalStorage } from 'node:async_hooks';
import { sql, type QueryExecutorProvider } from 'kysely';

/** How long PostgreSQL may take, in milliseconds. */
export interface TimeLimits {
  /**
   * One statement (`statement_timeout`). Clients wait half a minute for an answer: with the wait for a
   * connection before it, a statement of a server that is silent ends earlier.
   * @default 20_000
   */
  readonly statementMilliseconds: number;
  /**
   * Waiting for a lock (`lock_timeout`).
   * @default 10_000
   */
  readonly lockMilliseconds: number;
  /**
   * A transaction between two statements (`idle_in_transaction_session_timeout`).
   * @default 60_000
   */
  readonly idleTransactionMilliseconds: number;
}

export const defaultTimeLimits: TimeLimits = {
  statementMilliseconds: 20_000,
  lockMilliseconds: 10_000,
  idleTransactionMilliseconds: 60_000,
};

const lifted = new AsyncLocalStorage<true>();

/** The statement that sets the limits of a session. Startup parameters would do, but poolers refuse those. */
export function writeLimits(limits: TimeLimits): string {
  return [
    `set statement_timeout = ${limits.statementMilliseconds}`,
    `set lock_timeout = ${limits.lockMilliseconds}`,
    `set idle_in_transaction_session_timeout = ${limits.idleTransactionMilliseconds}`,
  ].join('; ');
}

/** Runs work whose statements may take as long as they need; the transaction itself begins with {@link liftLimits}. */
export function withoutTimeLimits<Result>(work: () => Promise<Result>): Promise<Result> {
  return lifted.run(true, work);
}

/** Whether the current work may take as long as it needs. */
export function areLimitsLifted(): boolean {
  return lifted.getStore() === true;
}

/** Lifts PostgreSQL's own limits for the rest of a transaction. */
export async function liftLimits(transaction: QueryExecutorProvider): Promise<void> {
  await sql`set local statement_timeout = 0`.execute(transaction);
  await sql`set local lock_timeout = 0`.execute(transaction);
  await sql`set local idle_in_transaction_session_timeout = 0`.execute(transaction);
}
