import type { Change, ChangeOperation, RowValue } from '../change.js';
import { PgoutputDecodeError } from '../errors.js';
import { formatLsn } from '../pgoutput/lsn.js';
import type {
  BeginMessage,
  DeleteMessage,
  LogicalMessage,
  Message,
  RelationMessage,
  UpdateMessage,
  WireTuple,
} from '../pgoutput/messages.js';
import {
  completeTuple,
  findChangedFields,
  findUnsentFields,
  identifyRow,
  readOldTuple,
  readRow,
  readTable,
  type CapturedTable,
} from './captured-table.js';
import {
  gapPrefix,
  readOwnMessage,
  readTuple,
  snapshotPrefix,
  type GapMessage,
  type SnapshotMessage,
} from '../snapshot/own-messages.js';
import { readActor, type TransactionActor } from './read-actor.js';
import type { TableDescription } from './table-catalog.js';

type DescribeTable = (
  relation: RelationMessage,
  transactionId: number | undefined,
) => Promise<TableDescription | undefined>;

type ChangedTable = Pick<CapturedTable, 'captured' | 'entityType' | 'schema' | 'table'>;

/** What a change is about that is about no table. */
const everything: ChangedTable = { captured: true, entityType: '*', schema: '*', table: '*' };

/** Turns the messages of one replication stream, in their order, into changes. */
export class ChangeReader {
  private readonly tables = new Map<number, CapturedTable>();
  private readonly descriptions = new Map<number, TableDescription>();
  private transaction: (BeginMessage & { idPrefix: string; lsn: string }) | undefined;
  private actor: TransactionActor | undefined;
  private position = 0;

  constructor(
    private readonly source: string,
    private readonly describeTable: DescribeTable,
    private readonly messageSecret: string,
  ) {}

  /** Whether the messages so far end inside a transaction. */
  get insideTransaction(): boolean {
    return this.transaction !== undefined;
  }

  /** The changes that the message stands for; only what makes it ask the catalog makes it wait. */
  read(message: Message): Change[] | Promise<Change[]> {
    if ('relationOid' in message) {
      const table = this.tables.get(message.relationOid);
      if (table?.outdated) return this.learnRelation(table.relation).then(() => this.read(message));
    }
    switch (message.tag) {
      case 'insert':
        return this.readInsert(message.relationOid, message.newTuple);
      case 'update':
        return this.readUpdate(message);
      case 'delete':
        return this.readDelete(message);
      case 'truncate':
        return message.relationOids.flatMap((oid) =>
          this.make(this.table(oid), 'TRUNCATE', '*', null, null, []),
        );
      case 'begin':
        this.begin(message);
        return [];
      case 'commit':
        this.transaction = undefined;
        return [];
      case 'relation':
        return this.learnRelation(message);
      case 'message':
        return this.readMessage(message);
      default:
        return [];
    }
  }

  private readMessage(message: LogicalMessage): Change[] | Promise<Change[]> {
    if (message.prefix === snapshotPrefix) return this.readSnapshot(message);
    if (message.prefix === gapPrefix) return this.readGap(message);
    this.actor = readActor(message) ?? this.actor;
    return [];
  }

  private async readSnapshot(message: LogicalMessage): Promise<Change[]> {
    const snapshot = readOwnMessage<SnapshotMessage>(message, this.messageSecret);
    if (snapshot === undefined) return [];
    const { relation, key, rows } = snapshot;
    const description = await this.describeTable(relation, this.transaction?.transactionId);
    const table = readTable(relation, { primaryKey: key, types: description?.types ?? new Map() });
    if (rows === null) return this.make(table, 'SNAPSHOT', '*', null, null, []);
    return rows.flatMap((values) => {
      const tuple = readTuple(values);
      const row = readRow(table, tuple);
      return this.make(table, 'SNAPSHOT', identifyRow(table, tuple), null, row, Object.keys(row));
    });
  }

  private readGap(message: LogicalMessage): Change[] {
    const gap = readOwnMessage<GapMessage>(message, this.messageSecret);
    if (gap === undefined) return [];
    const { secret: _secret, from_at, until_at, ...rest } = gap;
    const known = { ...rest, from_at: new Date(from_at), until_at: new Date(until_at) };
    return this.make(everything, 'GAP', '*', null, known, []);
  }

  private begin(message: BeginMessage): void {
    const idPrefix = `${this.source}:${message.commitLsn.toString(16).padStart(16, '0')}:`;
    this.transaction = { ...message, idPrefix, lsn: formatLsn(message.commitLsn) };
    this.actor = undefined;
    this.position = 0;
  }

  private async learnRelation(relation: RelationMessage): Promise<Change[]> {
    // A table that is gone by now may have been described while it was there.
    const known = this.descriptions.get(relation.oid);
    // A table or type that is gone by now may have been described while it was there.
    const found = await this.describeTable(relation, this.transaction?.transactionId);
    const description: TableDescription = {
      primaryKey: (found ?? known)?.primaryKey ?? identityColumns(relation),
      types: new Map([...(known?.types ?? []), ...(found?.types ?? [])]),
    };
    this.descriptions.set(relation.oid, description);
    this.tables.set(relation.oid, readTable(relation, description));
    return [];
  }

  private readInsert(relationOid: number, newTuple: WireTuple): Change[] {
    const table = this.table(relationOid);
    if (!table.captured) return this.skip();
    const row = readRow(table, newTuple);
    return this.make(table, 'INSERT', identifyRow(table, newTuple), null, row, Object.keys(row));
  }

  private readUpdate({ relationOid, oldTuple, newTuple }: UpdateMessage): Change[] {
    const table = this.table(relationOid);
    if (!table.captured) return this.skip();
    const before = oldTuple === null ? undefined : readOldTuple(table, oldTuple);
    const after = completeTuple(before, newTuple);
    const oldRow = before === undefined ? null : readRow(table, before);
    const changes = this.make(
      table,
      'UPDATE',
      identifyRow(table, before ?? after, after),
      oldRow,
      readRow(table, after, before && oldRow ? { tuple: before, row: oldRow } : undefined),
      findChangedFields(table, before, after),
    );
    const unsent = findUnsentFields(table, after);
    if (unsent.length > 0) for (const change of changes) change.unchanged_fields = unsent;
    return changes;
  }

  private readDelete({ relationOid, oldTuple }: DeleteMessage): Change[] {
    const table = this.table(relationOid);
    if (!table.captured) return this.skip();
    const before = readOldTuple(table, oldTuple);
    const row = readRow(table, before);
    return this.make(table, 'DELETE', identifyRow(table, before), row, null, Object.keys(row));
  }

  /** A change that is left out keeps its place, so that the places of the others never depend on the scope. */
  private skip(): Change[] {
    this.position += 1;
    return [];
  }

  private table(oid: number): CapturedTable {
    const table = this.tables.get(oid);
    if (table === undefined)
      throw new PgoutputDecodeError(`A change names the table ${oid} before describing it`);
    return table;
  }

  private make(
    { captured, entityType, schema, table }: ChangedTable,
    operation: ChangeOperation,
    entityId: string,
    oldValue: RowValue | null,
    newValue: RowValue | null,
    changedFields: string[],
  ): Change[] {
    const { transaction, actor } = this;
    if (transaction === undefined) throw new PgoutputDecodeError('A change came outside any transaction');
    if (!captured) return this.skip();
    const position = this.position;
    this.position += 1;
    const { user_id = 'postgres', ...attribution } = actor ?? {};
    const change: Change = {
      _id: transaction.idPrefix + position.toString(16).padStart(8, '0'),
      entity_type: entityType,
      entity_id: entityId,
      operation,
      old_value: oldValue,
      new_value: newValue,
      changed_fields: changedFields,
      changed_by: user_id,
      changed_at: transaction.committedAt,
      ...attribution,
      transaction_id: String(transaction.transactionId),
      lsn: transaction.lsn,
      position,
      schema_name: schema,
      table_name: table,
      source: actor === undefined ? 'direct_sql' : 'application',
    };
    return [change];
  }
}

function identityColumns(relation: RelationMessage): string[] {
  if (relation.replicaIdentity === 'f') return [];
  return relation.columns.filter(({ identity }) => identity).map(({ name }) => name);
}
