import type { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import { InfratraqError } from '@infratraq/kernel';
import pg from 'pg';
import { pinSession } from '../leading/pin-session.js';
import { LargeFrames, type FrameReceiver } from './large-frames.js';

/** PostgreSQL has not answered a request for a sign of life: the network may drop packets without closing the connection. */
class CaptureConnectionSilentError extends InfratraqError {
  constructor(silenceMilliseconds: number) {
    super(
      'capture.connection-silent',
      `PostgreSQL has not answered on the replication connection for ${Math.round(silenceMilliseconds)} ms; ` +
        'capture connects anew. If that goes on, look at the network between them',
      { status: 503 },
    );
  }
}

/** Receives the frames of a replication stream. */
export interface StreamReceiver extends Pick<FrameReceiver, 'limitMessage'> {
  /** One frame. Its bytes are valid during the call only. */
  receive(frame: Buffer): void;
  /** The stream has ended. `error` is undefined when this side closed it. */
  end(error: Error | undefined): void;
}

/** What is to be streamed. */
export interface StreamStart {
  slot: string;
  publication: string;
  /** Everything before it is stored, as PostgreSQL writes positions. */
  storedLsn: string;
}

/** What node-postgres has beneath a client and does not declare. */
interface WireConnection extends EventEmitter {
  stream: Readable;
  sendCopyFromChunk(chunk: Buffer): void;
}

const statusMilliseconds = 10_000;

/**
 * A connection that streams a slot's changes; answers the server's liveness checks with what was confirmed last, and
 * makes some of its own: a network may swallow everything and close nothing.
 */
export class ReplicationConnection {
  readonly #receiver: StreamReceiver;
  /** A server that is silent for longer, although it is asked to answer, counts as lost. */
  readonly #maxSilenceMilliseconds: number;
  readonly #client: pg.Client;
  readonly #wire: WireConnection;
  #storedLsn = 0n;
  #confirmedLsn = 0n;
  #streaming = false;
  #ended = false;
  #paused = false;
  #heardAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    connection: pg.ClientConfig,
    receiver: StreamReceiver,
    /** A server that is silent for longer, although it is asked to answer, counts as lost. */
    maxSilenceMilliseconds: number,
  ) {
    this.#receiver = receiver;
    this.#maxSilenceMilliseconds = maxSilenceMilliseconds;
    const config = {
      ...connection,
      application_name: 'infratraq capture',
      replication: 'database',
      connectionTimeoutMillis: maxSilenceMilliseconds,
    };
    this.#client = new pg.Client(config as pg.ClientConfig);
    this.#wire = (this.#client as unknown as { connection: WireConnection }).connection;
  }

  /** Connects and begins to stream from where everything is stored, or where the slot was confirmed if that is later. */
  async start({ slot, publication, storedLsn }: StreamStart): Promise<void> {
    this.#client.on('error', (error) => this.#finish(error));
    await this.#client.connect();
    this.#filterFrames();
    this.#watchSilence();
    await pinSession(this.#client);
    this.#wire.on('copyData', ({ chunk }: { chunk: Buffer }) => this.#receive(chunk));
    const started = new Promise<void>((resolve) => this.#wire.once('replicationStart', () => resolve()));
    const query = this.#client
      .query(
        `START_REPLICATION SLOT ${slot} LOGICAL ${storedLsn}
         (proto_version '1', publication_names '${publication}', messages 'true')`,
      )
      .then(() => new Error('PostgreSQL ended the replication stream'));
    query.then(
      (error) => this.#finish(error),
      (error: Error) => this.#finish(error),
    );
    // The query settles only when the stream ends: before it has started, that means that it was refused.
    await Promise.race([started, query.then((error) => Promise.reject(error))]);
    this.#streaming = true;
  }

  /** Tells the server that everything before `lsn` is stored; it keeps that part of its log until `confirm`. */
  report(lsn: bigint): void {
    if (lsn <= this.#storedLsn) return;
    this.#storedLsn = lsn;
    this.sendStatus();
  }

  /** Tells the server that it may drop what it keeps of its log from before `lsn`. */
  confirm(lsn: bigint): void {
    if (lsn <= this.#confirmedLsn) return;
    this.#confirmedLsn = lsn;
    this.sendStatus();
  }

  /** Answers the server, or asks it to answer. */
  sendStatus(answerWanted = false): void {
    if (this.#ended || !this.#streaming) return;
    const status = Buffer.alloc(34);
    status.write('r');
    // Written and applied: stored. Flushed: stored, and remembered to be.
    for (const offset of [1, 17]) status.writeBigUInt64BE(this.#storedLsn, offset);
    status.writeBigUInt64BE(this.#confirmedLsn, 9);
    status.writeBigInt64BE((BigInt(Date.now()) - 946_684_800_000n) * 1000n, 25);
    status[33] = answerWanted ? 1 : 0;
    this.#wire.sendCopyFromChunk(status);
  }

  pause(): void {
    this.#paused = true;
    this.#wire.stream.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#heardAt = performance.now();
    this.#wire.stream.resume();
  }

  async close(): Promise<void> {
    this.#finish(undefined);
    await this.#client.end();
  }

  #receive(frame: Buffer): void {
    if (!this.#ended) this.#receiver.receive(frame);
  }

  /** Has what is too large to be gathered filtered out before node-postgres gathers it. Between two answers only. */
  #filterFrames(): void {
    const { stream } = this.#wire;
    const parsers = stream.listeners('data') as ((bytes: Buffer) => void)[];
    const frames = new LargeFrames({
      pass: (bytes) => parsers.forEach((parse) => parse.call(stream, bytes)),
      deliver: (frame) => this.#receive(frame),
      limitMessage: (prefix, head) => this.#receiver.limitMessage(prefix, head),
    });
    stream.removeAllListeners('data');
    stream.on('data', (bytes: Buffer) => frames.receive(bytes));
  }

  /** Asks for a sign of life a few times before the silence has lasted too long, and at least every ten seconds. */
  #watchSilence(): void {
    this.#heardAt = performance.now();
    this.#wire.stream.on('data', () => (this.#heardAt = performance.now()));
    this.#timer = setInterval(
      () => {
        const silence = performance.now() - this.#heardAt;
        // While it is paused, nothing can be heard.
        if (!this.#paused && silence > this.#maxSilenceMilliseconds) {
          this.#finish(new CaptureConnectionSilentError(silence));
          this.#wire.stream.destroy();
        } else this.sendStatus(true);
      },
      Math.min(statusMilliseconds, this.#maxSilenceMilliseconds / 3),
    );
  }

  #finish(error: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#timer);
    this.#receiver.end(error);
  }
}
