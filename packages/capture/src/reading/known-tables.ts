import { PgoutputDecodeError } from '../pgoutput/decode-error.js';
import type { RelationMessage } from '../pgoutput/messages.js';
import type { TableName } from '../scope/table-name.js';
import type { TellOddity } from './oddities.js';
import { readTable, type CapturedTable } from './captured-table.js';
import type { TableDescription } from './table-catalog.js';
import type { ToldShapes } from './told-shapes.js';

/** Asks the catalog about a table, as the transaction being read left it; undefined once the table is gone. */
export type DescribeTable = (
  relation: RelationMessage,
  transactionId: number | undefined,
) => Promise<TableDescription | undefined>;

export interface KnownTablesOptions {
  describeTable: DescribeTable;
  shapes: ToldShapes;
  tell: TellOddity;
}

/** The tables that the log has described so far, by OID. */
export class KnownTables {
  readonly #describe: DescribeTable;
  readonly #shapes: ToldShapes;
  readonly #tell: TellOddity;
  readonly #tables = new Map<number, CapturedTable>();
  readonly #descriptions = new Map<number, TableDescription>();

  constructor({ describeTable, shapes, tell }: KnownTablesOptions) {
    this.#describe = describeTable;
    this.#shapes = shapes;
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

  /**
   * Takes the table as the log describes it from here on. Where capture's triggers have not told its key and types, the
   * catalog must be asked, which may be ahead.
   */
  learn(relation: RelationMessage, transactionId: number | undefined): Promise<void> | undefined {
    const told = this.#shapes.find(relation.oid);
    if (told === undefined) return this.#ask(relation, transactionId);
    this.#tables.set(relation.oid, readTable(relation, told, this.#tell));
    return undefined;
  }

  /** The key or the types of a table are told: its columns are as they were, or are described before its next change. */
  learnShape(oid: number): void {
    const [table, told] = [this.#tables.get(oid), this.#shapes.find(oid)];
    if (table !== undefined && told !== undefined)
      this.#tables.set(oid, readTable(table.relation, told, this.#tell));
  }

  /**
   * Takes the tables of a name as they are called from here on. PostgreSQL does not describe a partitioned table anew
   * before the changes of its partitions.
   */
  rename({ schema, table }: TableName, to: TableName): void {
    for (const [oid, { relation }] of this.#tables) {
      const description = this.#shapes.find(oid) ?? this.#descriptions.get(oid);
      if (relation.schema !== schema || relation.table !== table || description === undefined) continue;
      this.#tables.set(oid, readTable({ ...relation, ...to }, description, this.#tell));
    }
  }

  /** Describes the table of a snapshot, of which the key is known. */
  async describe(
    relation: RelationMessage,
    transactionId: number | undefined,
  ): Promise<TableDescription | undefined> {
    return this.#shapes.find(relation.oid) ?? (await this.#describe(relation, transactionId));
  }

  async #ask(relation: RelationMessage, transactionId: number | undefined): Promise<void> {
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
