import type pg from 'pg';
import type { CaptureNames } from '../slots/capture-names.js';
import type { ChangeSink } from '../sinks/change-sink.js';
import { formatLsn, parseLsn } from '../pgoutput/lsn.js';
import { requireSlot } from '../slots/notice-lost-slot.js';
import { keepShapesOf, readShapes } from '../slots/shape-memory.js';
import { PositionMemory } from '../slots/position-memory.js';
import { ChangeBatcher } from './change-batcher.js';
import { ChangeReader } from '../reading/change-reader.js';
import { MessageIntake } from './message-intake.js';
import { readInto } from './read-into.js';
import { ReplicationConnection } from './replication-connection.js';
import { ToldShapes } from '../reading/told-shapes.js';
import { tellSparingly, type TellOddity } from '../reading/oddities.js';
import { isUnsendable, type UnsendableTransactions } from './unsendable-transactions.js';
import { limitMessage } from '../reading/own-messages.js';
import { describeIfPossible, waitIfPossible } from '../reading/table-catalog.js';

export interface StreamOptions extends CaptureNames {
  /** Of PostgreSQL, for a role with REPLICATION. */
  connection: pg.ClientConfig;
  /** An ordinary session: reads the catalog and remembers the position. */
  client: pg.ClientBase;
  sink: ChangeSink;
  /** Ends the stream after the write that is under way. */
  signal: AbortSignal;
  maxBatchChanges: number;
  maxBatchBytes: number;
  maxSilenceMilliseconds: number;
  onStarted: () => void;
  onStored: (lsn: string, changes: number) => void;
  onRetry: (error: unknown, delayMilliseconds: number) => void;
  /** What PostgreSQL could not send until now; kept from one stream to the next. */
  unsendable: UnsendableTransactions;
  /** Something could not be captured as it was meant; the stream goes on. */
  onOddity: TellOddity;
}

/** Streams changes into the sink until the signal is aborted; rejects when the stream breaks. */
export async function streamChanges(options: StreamOptions): Promise<void> {
  const { client, signal, slot } = options;
  const { source, confirmed_lsn, message_secret } = await requireSlot(client, slot);
  const tell = tellSparingly(options.onOddity);
  const ending = new AbortController();
  const end = (error?: Error) => {
    intake.end(error);
    ending.abort(error);
  };
  const endOrLeaveOut = async (error: Error | undefined) => {
    if (!isUnsendable(error)) return end(error);
    try {
      await intake.drained();
      const { transaction } = reader;
      if (transaction === undefined || !options.unsendable.isKnown(transaction)) return end(error);
      reader.leaveOutRest(transaction, error);
      // Any position behind the commit's beginning leaves that transaction out, and no other.
      batcher.advance(transaction.commitLsn + 1n);
      intake.end(undefined);
    } catch (failure) {
      end(failure as Error);
    }
  };
  const connection = new ReplicationConnection(
    options.connection,
    {
      receive: (frame) => intake.receive(frame),
      end: (error) => void endOrLeaveOut(error),
      limitMessage: (prefix, head) => limitMessage(prefix, head, message_secret),
    },
    options.maxSilenceMilliseconds,
  );
  const position = new PositionMemory({
    client,
    source,
    remembered: parseLsn(confirmed_lsn),
    onRemembered: (lsn) => connection.confirm(lsn),
    onFailed: (error) => end(error),
  });
  const batcher = new ChangeBatcher({
    sink: options.sink,
    maxChanges: options.maxBatchChanges,
    maxBytes: options.maxBatchBytes,
    signal: ending.signal,
    onRetry: options.onRetry,
    onStored: (lsn, changes) => {
      connection.report(lsn);
      position.note(lsn, changes);
      options.onStored(formatLsn(lsn), changes);
    },
  });
  const reader = new ChangeReader({
    source,
    publication: options.publication,
    messageSecret: message_secret,
    describeTable: (relation, transactionId) => describeIfPossible(client, relation, transactionId, tell),
    waitUntilVisible: (transactionId) => waitIfPossible(client, transactionId),
    shapes: new ToldShapes(await readShapes(client, source, slot), keepShapesOf(client, source)),
    changes: batcher.pending,
    tell,
  });
  const intake = new MessageIntake(connection, readInto(reader, batcher));
  const stop = () => end();
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    await connection.start({ slot, publication: options.publication, storedLsn: confirmed_lsn });
    options.onStarted();
    await intake.done();
    batcher.flush();
    await batcher.idle();
    await position.close();
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    ending.abort();
    await batcher.settled();
    position.abandon();
    await connection.close();
  }
}
