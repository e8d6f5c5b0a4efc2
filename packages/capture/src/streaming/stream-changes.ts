import type pg from 'pg';
import type { CaptureNames } from '../slots/capture-names.js';
import type { ChangeSink } from '../sinks/change-sink.js';
import { MessageDecoder } from '../pgoutput/decode-message.js';
import { formatLsn, parseLsn } from '../pgoutput/lsn.js';
import { requireSlot } from '../slots/notice-lost-slot.js';
import { keepShapesOf, readShapes } from '../slots/shape-memory.js';
import { PositionMemory } from '../slots/position-memory.js';
import { ChangeBatcher } from './change-batcher.js';
import { ChangeReader } from '../reading/change-reader.js';
import { MessageIntake, type MessageReader } from './message-intake.js';
import { ReplicationConnection } from './replication-connection.js';
import { ToldShapes } from '../reading/told-shapes.js';
import { tellSparingly, type TellOddity } from '../reading/oddities.js';
import { limitMessage } from '../reading/own-messages.js';
import { describeIfPossible } from '../reading/table-catalog.js';

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
  const connection = new ReplicationConnection(
    options.connection,
    {
      receive: (frame) => intake.receive(frame),
      end,
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
    shapes: new ToldShapes(await readShapes(client, source, slot), keepShapesOf(client, source)),
    changes: batcher.pending,
    tell,
  });
  const intake = new MessageIntake(connection, readInto(reader, batcher));
  const stop = () => end();
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    await connection.start(slot, options.publication);
    options.onStarted();
    await intake.done();
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

/** Reads messages into batches; waits where the catalog must be asked, and while a full batch can't be written yet. */
function readInto(reader: ChangeReader, batcher: ChangeBatcher): MessageReader {
  const decoder = new MessageDecoder();
  const settle = (endLsn: bigint | undefined): Promise<void> | undefined => {
    if (endLsn !== undefined) batcher.advance(endLsn);
    if (!batcher.isFull) return undefined;
    batcher.flush();
    return batcher.isFull ? batcher.room() : undefined;
  };
  const decode = (frame: Buffer, offset: number) => {
    try {
      return decoder.decode(frame, offset);
    } catch (error) {
      // Without its beginning or end, nothing that follows could be understood.
      const tag = String.fromCharCode(frame[offset] as number);
      if ('BCR'.includes(tag)) throw error;
      const isRow = 'IUD'.includes(tag) && frame.length >= offset + 5;
      reader.refuse(error, isRow ? frame.readUInt32BE(offset + 1) : undefined);
      return undefined;
    }
  };
  return {
    readMessage(frame, offset) {
      const message = decode(frame, offset);
      if (message === undefined) return settle(undefined);
      const endLsn = message.tag === 'commit' ? message.endLsn : undefined;
      const read = reader.read(message);
      return read === undefined ? settle(endLsn) : read.then(() => settle(endLsn));
    },
    readKeepalive(endLsn) {
      if (!reader.insideTransaction) batcher.advance(endLsn);
    },
    onDrained: () => batcher.flush(),
  };
}
