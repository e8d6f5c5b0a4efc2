import type { ChangeBuffer } from '../encoding/change-buffer.js';
import { PgoutputDecodeError } from '../slots/slot-errors.js';
import type {
  BeginMessage,
  DeleteMessage,
  InsertMessage,
  LogicalMessage,
  Message,
  RelationMessage,
  UpdateMessage,
} from '../pgoutput/messages.js';
import { tupleOf } from '../pgoutput/wire-tuple.js';
import {
  gapPrefix,
  readOwnMessage,
  snapshotPrefix,
  tableEventPrefix,
  userPrefix,
  type GapMessage,
  type SnapshotMessage,
  type TableEvent,
  type UserMessage,
} from './own-messages.js';
import {
  describeWholeTable,
  everything,
  readTable,
  type CapturedTable,
  type ChangedThing,
} from './captured-table.js';
import {
  ChangeEncoder,
  encodeTransaction,
  type ChangeContent,
  type EncodedTransaction,
} from './change-encoder.js';
import { readActor, type TransactionActor } from './read-actor.js';
import { completeTuple, identifyRow, readOldTuple } from './row-tuples.js';
import type { TableDescription } from './table-catalog.js';

type DescribeTable = (
  relation: RelationMessage,
  transactionId: number | undefined,
) => Promise<TableDescription | undefined>;

/** Stands for the database user where no trigger has told who it is. */
const unknownUser = 'unknown';

/** Turns the messages of one replication stream, in their order, into changes. */
export class ChangeReader {
  readonly #source: string;
  readonly #describeTable: DescribeTable;
  readonly #messageSecret: string;
  readonly #tables = new Map<number, CapturedTable>();
  readonly #descriptions = new Map<number, TableDescription>();
  readonly #encoder: ChangeEncoder;
  #transaction: BeginMessage | undefined;
  #actor: TransactionActor | undefined;
  #databaseUser = unknownUser;
  /** Made with the first change after it, its user or its actor has become known. */
  #encodedTransaction: EncodedTransaction | undefined;
  #position = 0;

  constructor(
    source: string,
    describeTable: DescribeTable,
    messageSecret: string,
    /** Where the changes go. */
    changes: ChangeBuffer,
  ) {
    this.#source = source;
    this.#describeTable = describeTable;
    this.#messageSecret = messageSecret;
    this.#encoder = new ChangeEncoder(changes);
  }

  /** Whether the messages so far end inside a transaction. */
  get insideTransaction(): boolean {
    return this.#transaction !== undefined;
  }

  /** Writes the changes that the message stands for; only what makes it ask the catalog makes it wait. */
  read(message: Message): Promise<void> | undefined {
    switch (message.tag) {
      case 'insert':
      case 'update':
      case 'delete':
        return this.#readRowMessage(message);
      case 'truncate':
        for (const oid of message.relationOids)
          this.#write(this.#table(oid), { operation: 'TRUNCATE', entityId: '*' });
        return undefined;
      case 'begin':
        this.#begin(message);
        return undefined;
      case 'commit':
        this.#transaction = undefined;
        return undefined;
      case 'relation':
        return this.#learnRelation(message);
      case 'message':
        return this.#readMessage(message);
      default:
        return undefined;
    }
  }

  #readRowMessage(message: InsertMessage | UpdateMessage | DeleteMessage): Promise<void> | undefined {
    const table = this.#table(message.relationOid);
    if (table.outdated) {
      if (message.tag !== 'insert') message.oldTuple?.values.keep();
      if (message.tag !== 'delete') message.newTuple.keep();
      return this.#learnRelation(table.relation).then(() => this.read(message));
    }
    if (!table.captured) this.#skip();
    else if (message.tag === 'insert') this.#readInsert(table, message);
    else if (message.tag === 'update') this.#readUpdate(table, message);
    else this.#readDelete(table, message);
    return undefined;
  }

  #readInsert(table: CapturedTable, { newTuple: after }: InsertMessage): void {
    this.#write(table, { operation: 'INSERT', entityId: identifyRow(table, after), after });
  }

  #readUpdate(table: CapturedTable, { oldTuple, newTuple: after }: UpdateMessage): void {
    const before = oldTuple === null ? undefined : readOldTuple(table, oldTuple);
    if (before !== undefined) completeTuple(before, after);
    this.#write(table, {
      operation: 'UPDATE',
      entityId: identifyRow(table, before ?? after, after),
      before,
      after,
    });
  }

  #readDelete(table: CapturedTable, { oldTuple }: DeleteMessage): void {
    const before = readOldTuple(table, oldTuple);
    this.#write(table, { operation: 'DELETE', entityId: identifyRow(table, before), before });
  }

  #readMessage(message: LogicalMessage): Promise<void> | undefined {
    if (message.prefix === snapshotPrefix) return this.#readSnapshot(message);
    if (message.prefix === userPrefix) this.#readUser(message);
    else if (message.prefix === tableEventPrefix) this.#readTableEvent(message);
    else if (message.prefix === gapPrefix) this.#readGap(message);
    else {
      const actor = readActor(message);
      if (actor !== undefined) this.#setActor(actor);
    }
    return undefined;
  }

  async #readSnapshot(message: LogicalMessage): Promise<void> {
    const snapshot = readOwnMessage<SnapshotMessage>(message, this.#messageSecret);
    if (snapshot === undefined) return;
    const { relation, key, rows } = snapshot;
    const description = await this.#describeTable(relation, this.#transaction?.transactionId);
    const table = readTable(relation, { primaryKey: key, types: description?.types ?? new Map() });
    if (rows === null) return this.#write(table, { operation: 'SNAPSHOT', entityId: '*' });
    for (const values of rows) {
      const after = tupleOf(values);
      this.#write(table, { operation: 'SNAPSHOT', entityId: identifyRow(table, after), after });
    }
  }

  #readGap(message: LogicalMessage): void {
    const gap = readOwnMessage<GapMessage>(message, this.#messageSecret);
    if (gap === undefined) return;
    const { secret: _secret, from_at, until_at, ...rest } = gap;
    const newValue = { ...rest, from_at: new Date(from_at), until_at: new Date(until_at) };
    this.#write(everything, { operation: 'GAP', entityId: '*', newValue });
  }

  #readTableEvent(message: LogicalMessage): void {
    const event = readOwnMessage<TableEvent>(message, this.#messageSecret);
    if (event === undefined) return;
    const { operation, schema, table, reason } = event;
    const newValue = operation === 'GAP' ? { reason } : undefined;
    this.#write(describeWholeTable(schema, table), {
      operation,
      entityId: '*',
      ...(newValue && { newValue }),
    });
  }

  #readUser(message: LogicalMessage): void {
    const told = readOwnMessage<UserMessage>(message, this.#messageSecret);
    if (told === undefined) return;
    this.#databaseUser = told.user;
    this.#encodedTransaction = undefined;
  }

  #begin(message: BeginMessage): void {
    this.#transaction = message;
    this.#position = 0;
    this.#databaseUser = unknownUser;
    this.#setActor(undefined);
  }

  #setActor(actor: TransactionActor | undefined): void {
    this.#actor = actor;
    this.#encodedTransaction = undefined;
  }

  async #learnRelation(relation: RelationMessage): Promise<void> {
    // A table or type that is gone by now may have been described while it was there.
    const known = this.#descriptions.get(relation.oid);
    const found = await this.#describeTable(relation, this.#transaction?.transactionId);
    const description: TableDescription = {
      primaryKey: (found ?? known)?.primaryKey ?? identityColumns(relation),
      types: new Map([...(known?.types ?? []), ...(found?.types ?? [])]),
    };
    this.#descriptions.set(relation.oid, description);
    this.#tables.set(relation.oid, readTable(relation, description));
  }

  /** A change that is left out keeps its place, so that the places of the others never depend on the scope. */
  #skip(): void {
    this.#position += 1;
  }

  #table(oid: number): CapturedTable {
    const table = this.#tables.get(oid);
    if (table === undefined)
      throw new PgoutputDecodeError(`A change names the table ${oid} before describing it`);
    return table;
  }

  #write(thing: ChangedThing, content: ChangeContent): void {
    const [transaction, position] = [this.#transaction, this.#position];
    if (transaction === undefined) throw new PgoutputDecodeError('A change came outside any transaction');
    this.#position += 1;
    if (!thing.captured) return;
    this.#encodedTransaction ??= encodeTransaction(
      this.#source,
      transaction,
      this.#actor,
      this.#databaseUser,
    );
    this.#encoder.encode(this.#encodedTransaction, position, thing, content);
  }
}

function identityColumns(relation: RelationMessage): string[] {
  if (relation.replicaIdentity === 'f') return [];
  return relation.columns.filter(({ identity }) => identity).map(({ name }) => name);
}
