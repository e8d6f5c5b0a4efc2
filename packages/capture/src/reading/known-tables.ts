import { PgoutputDecodeError } from '../pgoutput/decode-error.js';
import type { RelationMessage } from '../pgoutput/messages.js';
import type { TellOddity } from './oddities.js';
import { readTable, type CapturedTable } from './captured-table.js';
import type { TableDescription } from './table-catalog.js';

/** Asks the catalog about a table, as the transaction being read left it; undefined once the table is gone. */
export type DescribeTable = (
  relation: RelationMessage,
  transactionId: number | undefined,
) => Promise<TableDescription | undefined>;

/** The tables that the log has described so far, by OID. */
export class KnownTables {
  readonly #describe: DescribeTable;
  readonly #tables = new Map<number, CapturedTable>();
  readonly #descriptions = new Map<number, TableDescription>();

  readonly #tell: TellOddity;

  constructor(describe: DescribeTable, tell: TellOddity) {
    this.#describe = describe;
    this.#tell = tell;
  }

  /** Undefined where the log has not described it. */
  find(oid: number): CapturedTable | undefined {
    return this.#tables.get(oid);
  }

  require(oid: number): CapturedTable {
    const table = this.#tables.get(oid);
    if (table === undefined)
      throw new PgoutputDecodeError(`A change names the table ${oid} before describing it`);
    return table;
  }

  /** Takes the table as the log describes it from here on, completed by the catalog. */
  async learn(relation: RelationMessage, transactionId: number | undefined): Promise<void> {
    // A table or type that is gone by now may have been described while it was there.
    const known = this.#descriptions.get(relation.oid);
    const found = await this.#describe(relation, transactionId);
    const description: TableDescription = {
      primaryKey: (found ?? known)?.primaryKey ?? identityColumns(relation),
      types: new Map([...(known?.types ?? []), ...(found?.types ?? [])]),
    };
    this.#descriptions.set(relation.oid, description);
    this.#tables.set(relation.oid, readTable(relation, description, this.#tell));
  }
}

function identityColumns(relation: RelationMessage): string[] {
  if (relation.replicaIdentity === 'f') return [];
  return relation.columns.filter(({ identity }) => identity).map(({ name }) => name);
}
