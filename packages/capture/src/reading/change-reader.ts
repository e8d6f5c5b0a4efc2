import type { ChangeBuffer } from '../encoding/change-buffer.js';
import type {
  DeleteMessage,
  InsertMessage,
  LogicalMessage,
  Message,
  UpdateMessage,
} from '../pgoutput/messages.js';
import type { CapturedTable } from './captured-table.js';
import { ChangeWriter } from './change-writer.js';
import { KnownTables, type DescribeTable } from './known-tables.js';
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
import { ChangeUnreadableError, type TellOddity } from './oddities.js';
import { readActor } from './read-actor.js';
import { readGap, readTableEvent, readUnreadable, unreadableReason } from './read-gap.js';
import { readSnapshot } from './read-snapshot.js';
import { completeTuple, identifyRow, readOldTuple } from './row-tuples.js';

/** Turns the messages of one replication stream, in their order, into changes. */
export class ChangeReader {
  readonly #describeTable: DescribeTable;
  readonly #messageSecret: string;
  readonly #tables: KnownTables;
  readonly #writer: ChangeWriter;
  readonly #tell: TellOddity;

  constructor(
    source: string,
    describeTable: DescribeTable,
    messageSecret: string,
    /** Receives the changes. */
    changes: ChangeBuffer,
    tell: TellOddity,
  ) {
    this.#tell = tell;
    this.#describeTable = describeTable;
    this.#messageSecret = messageSecret;
    this.#tables = new KnownTables(describeTable, tell);
    this.#writer = new ChangeWriter(source, changes);
  }

  /** Whether the messages so far end inside a transaction. */
  get insideTransaction(): boolean {
    return this.#writer.transaction !== undefined;
  }

  /** Writes the changes that a message stands for. Asynchronous only when the catalog must be queried. */
  read(message: Message): Promise<void> | undefined {
    switch (message.tag) {
      case 'insert':
      case 'update':
      case 'delete':
        return this.#readRowMessage(message);
      case 'truncate':
        for (const oid of message.relationOids) this.#readTruncate(oid);
        return undefined;
      case 'begin':
        this.#writer.begin(message);
        return undefined;
      case 'commit':
        this.#writer.commit();
        return undefined;
      case 'relation':
        return this.#tables.learn(message, this.#writer.transaction?.transactionId);
      case 'message':
        return this.#readMessage(message);
      default:
        return undefined;
    }
  }

  /**
   * Writes what stands for a change that could not be read: a GAP of its table, or of all where even that is not known.
   * Outside a transaction nothing that follows could be understood.
   */
  refuse(error: unknown, relationOid?: number): void {
    const { transaction } = this.#writer;
    if (transaction === undefined) throw error;
    const table = relationOid === undefined ? undefined : this.#tables.find(relationOid);
    const { schema, table: name } = table?.relation ?? { schema: '*', table: '*' };
    this.#tell(new ChangeUnreadableError(`${schema}.${name}`, error));
    if (table === undefined) readUnreadable(this.#writer, transaction);
    else readTableEvent({ operation: 'GAP', schema, table: name, reason: unreadableReason }, this.#writer);
  }

  #readTruncate(oid: number): void {
    try {
      this.#writer.write(this.#tables.require(oid), { operation: 'TRUNCATE', entityId: '*' });
    } catch (error) {
      this.refuse(error, oid);
    }
  }

  #readRowMessage(message: InsertMessage | UpdateMessage | DeleteMessage): Promise<void> | undefined {
    try {
      return this.#readRow(message, this.#tables.require(message.relationOid));
    } catch (error) {
      this.refuse(error, message.relationOid);
      return undefined;
    }
  }

  #readRow(
    message: InsertMessage | UpdateMessage | DeleteMessage,
    table: CapturedTable,
  ): Promise<void> | undefined {
    if (table.outdated) {
      if (message.tag !== 'insert') message.oldTuple?.values.keep();
      if (message.tag !== 'delete') message.newTuple.keep();
      const { transaction } = this.#writer;
      return this.#tables.learn(table.relation, transaction?.transactionId).then(() => this.read(message));
    }
    if (!table.captured) this.#writer.skip();
    else if (message.tag === 'insert') this.#readInsert(table, message);
    else if (message.tag === 'update') this.#readUpdate(table, message);
    else this.#readDelete(table, message);
    return undefined;
  }

  #readInsert(table: CapturedTable, { newTuple: after }: InsertMessage): void {
    this.#writer.write(table, { operation: 'INSERT', entityId: identifyRow(table, after), after });
  }

  #readUpdate(table: CapturedTable, { oldTuple, newTuple: after }: UpdateMessage): void {
    const before = oldTuple === null ? undefined : readOldTuple(table, oldTuple);
    if (before !== undefined) completeTuple(before, after);
    this.#writer.write(table, {
      operation: 'UPDATE',
      entityId: identifyRow(table, before ?? after, after),
      before,
      after,
    });
  }

  #readDelete(table: CapturedTable, { oldTuple }: DeleteMessage): void {
    const before = readOldTuple(table, oldTuple);
    this.#writer.write(table, { operation: 'DELETE', entityId: identifyRow(table, before), before });
  }

  #readMessage(message: LogicalMessage): Promise<void> | undefined {
    try {
      return this.#readKnownMessage(message);
    } catch (error) {
      this.refuse(error);
      return undefined;
    }
  }

  #readKnownMessage(message: LogicalMessage): Promise<void> | undefined {
    switch (message.prefix) {
      case snapshotPrefix: {
        const snapshot = this.#readOwn<SnapshotMessage>(message);
        return snapshot && this.#readSnapshot(snapshot);
      }
      case gapPrefix: {
        const gap = this.#readOwn<GapMessage>(message);
        if (gap !== undefined) readGap(gap, this.#writer);
        return undefined;
      }
      case tableEventPrefix: {
        const event = this.#readOwn<TableEvent>(message);
        if (event !== undefined) readTableEvent(event, this.#writer);
        return undefined;
      }
      case userPrefix: {
        const report = this.#readOwn<UserMessage>(message);
        if (report !== undefined) this.#writer.setDatabaseUser(report.user);
        return undefined;
      }
      default: {
        const actor = readActor(message, this.#tell);
        if (actor !== undefined) this.#writer.setActor(actor);
        return undefined;
      }
    }
  }

  #readSnapshot(snapshot: SnapshotMessage): Promise<void> {
    const refuse = (error: unknown) => this.refuse(error);
    return readSnapshot(snapshot, this.#describeTable, this.#writer, { tell: this.#tell, refuse });
  }

  #readOwn<Content extends { secret: string }>(message: LogicalMessage): Content | undefined {
    return readOwnMessage<Content>(message, this.#messageSecret);
  }
}
