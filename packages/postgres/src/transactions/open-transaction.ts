import type { Transaction } from 'kysely';

/** A transaction that is open: what is written through it commits or rolls back with it. */
export type OpenTransaction = Pick<Transaction<unknown>, 'executeQuery' | 'getExecutor'>;
