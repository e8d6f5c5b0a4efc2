import type { Database } from '@infratraq/postgres';
import { CompiledQuery, type Transaction } from 'kysely';

/** Runs one statement and answers its rows. */
export type QueryRows = <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** Runs statements within a transaction. */
export function queryWithin(transaction: Transaction<Database>): QueryRows {
  return async <Row>(text: string, values: readonly unknown[] = []) =>
    (await transaction.executeQuery<Row>(CompiledQuery.raw(text, [...values]))).rows;
}
