import { duplicateKeyCode, isDocumentCode, isDocumentFault } from '@infratraq/mongo';
import { InfratraqError, withholdValues } from '@infratraq/kernel';
import { findDocumentSequence } from '@infratraq/mongo/document-sequence';
import { mongo, type Connection } from 'mongoose';
import type { Change } from '../encoding/change.js';
import type { ChangeSink } from './change-sink.js';
import type { ChangeBatch } from '../encoding/change-batch.js';

/** The connection has no database yet: it is to be awaited before it is passed in. */
export class SinkNotConnectedError extends InfratraqError {
  constructor() {
    super(
      'capture.sink-not-connected',
      'Await connection.asPromise() before the connection is used as a sink',
      {
        status: 503,
      },
    );
  }
}

/** A change that the collection refuses for its content, so that repeating the write cannot help. */
export class ChangeRefusedError extends InfratraqError {
  /** Why; holds no value of the change. */
  readonly reason: string;

  constructor({ _id, entity_type }: Pick<Change, '_id' | 'entity_type'>, message: string) {
    const reason = withholdValues(message);
    super(
      'capture.change-refused',
      `Change ${_id} of ${entity_type} was refused: ${reason}. Capture waits at it until the collection takes it, or ` +
        'give the sink onRejected to keep it elsewhere',
    );
    this.reason = reason;
  }
}

/** A change that the collection refused. */
export interface RefusedDocument {
  readonly change: Change;
  readonly error: ChangeRefusedError;
  /** The document as it was to be stored; valid until the handler has resolved. */
  readonly content: Uint8Array;
}

export interface MongoChangeSinkOptions {
  /** @default entity_changelog */
  readonly collectionName?: string;
  /**
   * Keeps a change that the collection refuses for its content. Capture continues once it resolves, and offers the
   * change again when it rejects. Without it, capture waits at such a change and reports it with every retry.
   */
  readonly onRejected?: (refused: RefusedDocument) => Promise<void>;
  /**
   * A write that is not acknowledged within this time is repeated over another connection: a network may drop packets
   * without closing the connection.
   * @default 60_000
   */
  readonly maxSilenceMilliseconds?: number;
}

/** How the server answers an insert command that it took. */
interface InsertAnswer {
  readonly writeErrors?: readonly { index: number; code: number; errmsg?: string }[];
  readonly writeConcernError?: { readonly errmsg: string };
}

/**
 * Writes changes into a MongoDB collection, with majority write concern.
 *
 * A change that exists already (same `_id`) counts as written. One that exceeds the size limit of a document is stored
 * without its largest values, which `omitted_fields` names. Any other refusal goes to `onRejected`.
 */
export function createMongoChangeSink(
  connection: Connection,
  {
    collectionName = 'entity_changelog',
    onRejected,
    maxSilenceMilliseconds = 60_000,
  }: MongoChangeSinkOptions = {},
): ChangeSink {
  const Sequence = findDocumentSequence();
  const open = (): mongo.Db => {
    if (connection.db === undefined) throw new SinkNotConnectedError();
    return connection.db;
  };
  const refuse = async (changes: ChangeBatch, place: number, message: string) => {
    const change = changes.read(place);
    const error = new ChangeRefusedError(change, message);
    if (onRejected === undefined) throw error;
    await onRejected({ change, error, content: changes.slice(place, place + 1).bytes });
  };

  const asDocuments = (changes: ChangeBatch): unknown => {
    if (Sequence === undefined) return changes.readAll();
    const sequence = new Sequence('documents');
    sequence.push({}, changes.bytes);
    return sequence;
  };

  const insert = async (changes: ChangeBatch): Promise<void> => {
    let answer: InsertAnswer;
    try {
      // The command itself: insertMany copies every document, and hides which of them were refused and why.
      answer = (await open().command(
        {
          insert: collectionName,
          documents: asDocuments(changes),
          ordered: false,
          writeConcern: { w: 'majority' },
        },
        { timeoutMS: maxSilenceMilliseconds },
      )) as InsertAnswer;
    } catch (error) {
      if (!isDocumentFault(error)) throw error;
      return divide(changes, error);
    }
    if (answer.writeConcernError) throw new mongo.MongoError(answer.writeConcernError.errmsg);
    const { writeErrors = [] } = answer;
    const doubted = writeErrors
      .filter(({ code }) => code === duplicateKeyCode)
      .map(({ index }) => changes.readId(index));
    const stored = await findStored(
      open().collection<Change>(collectionName),
      doubted,
      maxSilenceMilliseconds,
    );
    for (const { index, code, errmsg = `error ${code}` } of writeErrors) {
      if (stored.has(changes.readId(index))) continue;
      if (!isDocumentCode(code)) throw new mongo.MongoError(errmsg);
      await refuse(changes, index, errmsg);
    }
  };

  /** Halves what was refused as a whole until the change at fault stands alone, and then takes from that. */
  const divide = async (changes: ChangeBatch, error: unknown): Promise<void> => {
    if (changes.length > 1) {
      const middle = Math.ceil(changes.length / 2);
      await insert(changes.slice(0, middle));
      return insert(changes.slice(middle));
    }
    return refuse(changes, 0, error instanceof Error ? error.message : String(error));
  };

  // While the server works on one batch, the next is on its way to it.
  return { concurrentWrites: 2, write: insert };
}

/**
 * Another unique index may have refused them: only what is really there counts as written. Asked for all at once, for
 * after a crash everything since the last confirmation comes again.
 */
async function findStored(
  collection: mongo.Collection<Change>,
  ids: string[],
  timeoutMS: number,
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const found = await collection.find({ _id: { $in: ids } }, { projection: { _id: 1 }, timeoutMS }).toArray();
  return new Set(found.map(({ _id }) => _id));
}
