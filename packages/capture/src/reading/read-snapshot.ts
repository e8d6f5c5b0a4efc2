import { tupleOf } from '../pgoutput/wire-tuple.js';
import { readTable } from './captured-table.js';
import type { ChangeWriter } from './change-writer.js';
import type { KnownTables } from './known-tables.js';
import type { SnapshotMessage } from './own-messages.js';
import type { TellOddity } from './oddities.js';
import { identifyRow } from './row-tuples.js';

/**
 * Writes a SNAPSHOT for each row of the message, or one for the whole table where the message announces all rows. What
 * can't be read of it is refused.
 */
export async function readSnapshot(
  { relation, key, rows }: SnapshotMessage,
  tables: KnownTables,
  writer: ChangeWriter,
  { tell, refuse }: { tell: TellOddity; refuse: (error: unknown) => void },
): Promise<void> {
  const description = await tables.describe(relation, writer.transaction?.transactionId);
  try {
    const table = readTable(relation, { primaryKey: key, types: description?.types ?? new Map() }, tell);
    if (rows === null) return writer.writeWhole(table, 'SNAPSHOT');
    for (const values of rows) {
      const after = tupleOf(values);
      writer.write(table, { operation: 'SNAPSHOT', entityId: identifyRow(table, after), after });
    }
  } catch (error) {
    refuse(error);
  }
}
