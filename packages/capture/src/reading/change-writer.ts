import type { ChangeOperation, RowValue } from '../encoding/change.js';
import type { ChangeBuffer } from '../encoding/change-buffer.js';
import { PgoutputDecodeError } from '../pgoutput/decode-error.js';
import type { BeginMessage } from '../pgoutput/messages.js';
import type { ChangedThing } from './captured-table.js';
import {
  ChangeEncoder,
  encodeTransaction,
  type ChangeContent,
  type EncodedTransaction,
} from './change-encoder.js';
import type { TransactionActor } from './read-actor.js';

/** Stands for the database user where no trigger has reported one. */
const unknownUser = 'unknown';

/** Writes the changes of one transaction after another, each with its position and with who made it. */
export class ChangeWriter {
  readonly #source: string;
  readonly #encoder: ChangeEncoder;
  #transaction: BeginMessage | undefined;
  #actor: TransactionActor | undefined;
  #databaseUser = unknownUser;
  /** Made with the first change after the transaction, its user or its actor has become known. */
  #encodedTransaction: EncodedTransaction | undefined;
  #position = 0;

  constructor(source: string, changes: ChangeBuffer) {
    this.#source = source;
    this.#encoder = new ChangeEncoder(changes);
  }

  /** The transaction that is being read; undefined between transactions. */
  get transaction(): BeginMessage | undefined {
    return this.#transaction;
  }

  begin(transaction: BeginMessage): void {
    this.#transaction = transaction;
    this.#position = 0;
    this.#databaseUser = unknownUser;
    this.setActor(undefined);
  }

  commit(): void {
    this.#transaction = undefined;
  }

  /** Attributes the following changes to an actor. */
  setActor(actor: TransactionActor | undefined): void {
    this.#actor = actor;
    this.#encodedTransaction = undefined;
  }

  /** Names the database user, to whom changes without an actor are attributed. */
  setDatabaseUser(user: string): void {
    this.#databaseUser = user;
    this.#encodedTransaction = undefined;
  }

  /** A change that is left out keeps its position, so that the positions of the others never depend on the scope. */
  skip(): void {
    this.#position += 1;
  }

  /** Writes what happens to all rows at once. */
  writeWhole(thing: ChangedThing, operation: ChangeOperation, newValue?: RowValue): void {
    this.write(thing, { operation, entityId: '*', wholeTable: true, ...(newValue && { newValue }) });
  }

  write(thing: ChangedThing, content: ChangeContent): void {
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
