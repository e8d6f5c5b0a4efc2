import type { ChangeBuffer } from '../encoding/change-buffer.js';
import type {
  BeginMessage,
  DeleteMessage,
  InsertMessage,
  LogicalMessage,
  Message,
  UpdateMessage,
} from '../pgoutput/messages.js';
import { PgoutputDecodeError } from '../pgoutput/decode-error.js';
import type { CapturedTable } from './captured-table.js';
import { ChangeWriter } from './change-writer.js';
import { KnownTables, type KnownTablesOptions } from './known-tables.js';
import { CapturePublicationError } from '../slots/slot-errors.js';
import {
  faultPrefix,
  gapPrefix,
  readOwnMessage,
  shapePrefix,
  snapshotPrefix,
  tableEventPrefix,
  userPrefix,
  type FaultMessage,
  type GapMessage,
  type ShapeMessage,
  type SnapshotMessage,
  type TableEvent,
  type UserMessage,
} from './own-messages.js';
import { ChangeUnreadableError, TransactionUnsendableError, type TellOddity } from './oddities.js';
import { readActor } from './read-actor.js';
import { readGap, readUnreadable, unreadableReason } from './read-gap.js';
import { readTableEvent } from './read-table-event.js';
import { readSnapshot } from './read-snapshot.js';
import {
  completeTuple,
  hasMoved,
  identifyRow,
  readOldTuple,
  tellsKey,
  unknownKeyReason,
} from './row-tuples.js';

export interface ChangeReaderOptions extends KnownTablesOptions {
  source: string;
  publication: string;
  messageSecret: string;
  /** Waits until others see what a transaction did, whose commit is in the log a moment before. */
  waitUntilVisible: (transactionId: number) => Promise<void>;
  /** Receives the changes. */
  changes: ChangeBuffer;
}

/** Turns the messages of one replication stream, in their order, into changes. */
export class ChangeReader {
  readonly #options: ChangeReaderOptions;
  readonly #tables: KnownTables;
  readonly #writer: ChangeWriter;
  readonly #tell: TellOddity;

  constructor(options: ChangeReaderOptions) {
    this.#options = options;
    this.#tell = options.tell;
    this.#tables = new KnownTables(options);
    this.#writer = new ChangeWriter(options.source, options.changes);
  }

  /** The transaction inside which the messages so far end; undefined between transactions. */
  get transaction(): BeginMessage | undefined {
    return this.#writer.transaction;
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
        this.#options.shapes.begin(message.commitLsn);
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
    if (table === undefined) readUnreadable(this.#writer, transaction, unreadableReason);
    else this.#writer.writeWhole(table, 'GAP', { reason: unreadableReason });
  }

  /** Ends the transaction of which PostgreSQL can't send more, with a GAP of all tables: it may have written any of them. */
  leaveOutRest(transaction: BeginMessage, error: unknown): void {
    const unsendable = new TransactionUnsendableError(transaction, error);
    this.#tell(unsendable);
    readUnreadable(this.#writer, transaction, unsendable.reason);
    this.#writer.commit();
  }

  #readTruncate(oid: number): void {
    try {
      this.#writer.writeWhole(this.#tables.require(oid), 'TRUNCATE');
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
      const learning = this.#tables.learn(table.relation, this.#writer.transaction?.transactionId);
      return learning === undefined ? this.#readRowMessage(message) : learning.then(() => this.read(message));
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
    if (!tellsKey(table, before)) this.#writer.writeWhole(table, 'GAP', { reason: unknownKeyReason });
    const entityId = identifyRow(table, before ?? after, after);
    if (before === undefined || !hasMoved(table, before, after)) {
      this.#writer.write(table, { operation: 'UPDATE', entityId, before, after });
      return;
    }
    // One entity ends and another begins.
    const movedTo = identifyRow(table, after, before);
    this.#writer.write(table, { operation: 'DELETE', entityId, before, movedTo });
    this.#writer.write(table, { operation: 'INSERT', entityId: movedTo, after, movedFrom: entityId });
  }

  #readDelete(table: CapturedTable, { oldTuple }: DeleteMessage): void {
    const before = readOldTuple(table, oldTuple);
    if (!tellsKey(table, before)) this.#writer.writeWhole(table, 'GAP', { reason: unknownKeyReason });
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
        return event && this.#readTableEvent(event);
      }
      case shapePrefix: {
        const shape = this.#readOwn<ShapeMessage>(message);
        return (
          shape && this.#options.shapes.learn(shape.oid, shape).then(() => this.#tables.learnShape(shape.oid))
        );
      }
      case faultPrefix: {
        const fault = this.#readOwn<FaultMessage>(message);
        if (fault !== undefined) this.#tell(new CapturePublicationError(fault));
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

  #readTableEvent(event: TableEvent): Promise<void> | undefined {
    const own = this.#options.publication;
    if ((event.publication ?? own) !== own) {
      this.#writer.skip();
      return undefined;
    }
    readTableEvent(event, this.#writer);
    if (event.operation === 'RENAME') this.#tables.rename(event, event.to);
    if (event.operation === 'DROP')
      return event.oid === undefined ? undefined : this.#options.shapes.learn(event.oid, undefined);
    // What is said of columns follows their names in this transaction, and masks the rows that it goes on to write.
    const { transaction } = this.#writer;
    return transaction && this.#options.waitUntilVisible(transaction.transactionId);
  }

  #readSnapshot(snapshot: SnapshotMessage): Promise<void> {
    const { relation } = snapshot as Partial<SnapshotMessage>;
    if (relation === undefined) throw new PgoutputDecodeError('A snapshot does not say of which table it is');
    const refuse = (error: unknown) => this.refuse(error);
    return readSnapshot(snapshot, this.#tables, this.#writer, { tell: this.#tell, refuse });
  }

  #readOwn<Content extends { secret: string }>(message: LogicalMessage): Content | undefined {
    return readOwnMessage<Content>(message, this.#options.messageSecret);
  }
}
