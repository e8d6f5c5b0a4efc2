import type pg from 'pg';
import type { CaptureNames } from '../capture-scope.js';
import type { ChangeSink } from '../change.js';
import { decodeMessage } from '../pgoutput/decode-message.js';
import { formatLsn, parseLsn } from '../pgoutput/lsn.js';
import { requireSlot } from '../preparation/capture-slot.js';
import { PositionMemory } from '../preparation/position-memory.js';
import { ChangeBatcher } from './change-batcher.js';
import { ChangeReader } from './change-reader.js';
import { ItemQueue } from './item-queue.js';
import { ReplicationConnection } from './replication-connection.js';
import { describeTable } from './table-catalog.js';

export interface StreamOptions extends CaptureNames {
  postgresUrl: string;
  /** An ordinary session: reads the catalog and remembers the position. */
  client: pg.ClientBase;
  sink: ChangeSink;
  /** Ends the stream after the write that is under way. */
  signal: AbortSignal;
  maxQueuedBytes: number;
  maxBatchChanges: number;
  maxBatchBytes: number;
  onStarted: () => void;
  onStored: (lsn: string, changes: number) => void;
  onRetry: (error: unknown, delayMilliseconds: number) => void;
}

/** Streams changes into the sink until the signal is aborted; rejects when the stream breaks. */
export async function streamChanges(options: StreamOptions): Promise<void> {
  const { client, postgresUrl, signal, slot } = options;
  const { source, confirmed_lsn, message_secret } = await requireSlot(client, slot);
  const connection = new ReplicationConnection(postgresUrl);
  const queue = new ItemQueue(connection, options.maxQueuedBytes);
  const ending = new AbortController();
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
  const end = (error?: Error) => {
    queue.end(error);
    ending.abort(error);
  };
  const stop = () => end();
  connection.on('item', (item) => queue.push(item));
  connection.on('end', end);
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    await connection.start(slot, options.publication);
    options.onStarted();
    const reader = new ChangeReader(
      source,
      (relation, transactionId) => describeTable(client, relation, transactionId),
      message_secret,
    );
    await readItems(queue, reader, batcher);
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

async function readItems(queue: ItemQueue, reader: ChangeReader, batcher: ChangeBatcher): Promise<void> {
  for (;;) {
    const item = queue.isEmpty ? await queue.take() : queue.takeNow();
    if (item === undefined) return;
    if (item.kind === 'keepalive') {
      if (!reader.insideTransaction) batcher.advance(item.endLsn);
    } else {
      const message = decodeMessage(item.bytes);
      const read = reader.read(message);
      const changes = Array.isArray(read) ? read : await read;
      for (const change of changes) batcher.add(change, item.bytes.length);
      if (message.tag === 'commit') batcher.advance(message.endLsn);
      if (batcher.isFull) await batcher.room();
    }
    if (queue.isEmpty) batcher.flush();
  }
}
