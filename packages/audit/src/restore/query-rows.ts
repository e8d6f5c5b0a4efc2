import { ConflictError } from '@infratraq/kernel';
import type { OpenTransaction } from '@infratraq/postgres';
import { CompiledQuery } from 'kysely';

/** Runs one statement and answers its rows. */
export type QueryRows = <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

/** Runs statements within a transaction. */
export function queryWithin(transaction: OpenTransaction): QueryRows {
  return async <Row>(text: string, values: readonly unknown[] = []) =>
    (await transaction.executeQuery<Row>(CompiledQuery.raw(text, [...values])).catch(refuseMissingRight))
      .rows;
}

const insufficientPrivilege = '42501';

function refuseMissingRight(error: unknown): never {
  if (error instanceof Error && (error as { code?: string }).code === insufficientPrivilege)
    throw new ConflictError(
      `The server's role may not write there: ${error.message}; grant it insert, update and delete on the table`,
      'audit.restore-refused',
    );
  throw error;
}
