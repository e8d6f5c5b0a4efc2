import type { OpenTransaction } from '@infratraq/postgres';
import { CompiledQuery } from 'kysely';

/** Runs one statement and answers its rows. */
export type QueryRows = <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** Runs statements within a transaction. */
export function queryWithin(transaction: OpenTransaction): QueryRows {
  return async <Row>(text: string, values: readonly unknown[] = []) =>
    (await transaction.executeQuery<Row>(CompiledQuery.raw(text, [...values]))).rows;
}
