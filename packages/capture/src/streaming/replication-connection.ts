import { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import pg from 'pg';

/** One step of the replication stream: a pgoutput message, or news of how far the server's log has gone. */
export type StreamItem = { kind: 'message'; bytes: Buffer } | { kind: 'keepalive'; endLsn: bigint };

interface StreamEvents {
  item: [StreamItem];
  /** The stream is over; the error says why, unless it was closed by us. */
  end: [Error | undefined];
}

/** What node-postgres has beneath a client and does not declare. */
interface WireConnection extends EventEmitter {
  stream: Readable;
  sendCopyFromChunk(chunk: Buffer): void;
}

// Text forms of values depend on these; pinned, so that documents never depend on the server's configuration.
export const pinnedSettings = [
  `set datestyle = 'ISO, YMD'`,
  `set timezone = 'UTC'`,
  `set intervalstyle = 'iso_8601'`,
  `set extra_float_digits = 1`,
  `set bytea_output = 'hex'`,
  // Names of tables and types (regclass and its like) come with their schema, quoted only where they must be.
  `set search_path = ''`,
  `set quote_all_identifiers = off`,
];

/** A connection that streams a slot's changes; answers the server's liveness checks with what was confirmed last. */
export class ReplicationConnection extends EventEmitter<StreamEvents> {
  private readonly client: pg.Client;
  private readonly wire: WireConnection;
  private storedLsn = 0n;
  private confirmedLsn = 0n;
  private ended = false;
  private statusTimer: NodeJS.Timeout | undefined;

  constructor(postgresUrl: string) {
    super();
    const config = {
      connectionString: postgresUrl,
      application_name: 'infratraq capture',
      replication: 'database',
    };
    this.client = new pg.Client(config as pg.ClientConfig);
    this.wire = (this.client as unknown as { connection: WireConnection }).connection;
  }

  /** Connects and begins to stream from where the slot was confirmed last. */
  async start(slot: string, publication: string): Promise<void> {
    this.client.on('error', (error) => this.finish(error));
    await this.client.connect();
    for (const setting of pinnedSettings) await this.client.query(setting);
    this.wire.on('copyData', ({ chunk }: { chunk: Buffer }) => this.receive(chunk));
    const started = new Promise<void>((resolve) => this.wire.once('replicationStart', () => resolve()));
    const query = this.client
      .query(
        `START_REPLICATION SLOT ${slot} LOGICAL 0/0
         (proto_version '1', publication_names '${publication}', messages 'true')`,
      )
      .then(() => new Error('PostgreSQL ended the replication stream'));
    query.then(
      (error) => this.finish(error),
      (error: Error) => this.finish(error),
    );
    // The query settles only when the stream ends: before it has started, that means that it was refused.
    await Promise.race([started, query.then((error) => Promise.reject(error))]);
    this.statusTimer = setInterval(() => this.sendStatus(), 10_000);
  }

  /** Tells the server that everything before `lsn` is stored; it keeps that part of its log until `confirm`. */
  report(lsn: bigint): void {
    if (lsn <= this.storedLsn) return;
    this.storedLsn = lsn;
    this.sendStatus();
  }

  /** Tells the server that it may drop what it keeps of its log from before `lsn`. */
  confirm(lsn: bigint): void {
    if (lsn <= this.confirmedLsn) return;
    this.confirmedLsn = lsn;
    this.sendStatus();
  }

  pause(): void {
    this.wire.stream.pause();
  }

  resume(): void {
    this.wire.stream.resume();
  }

  async close(): Promise<void> {
    this.finish(undefined);
    await this.client.end();
  }

  private finish(error: Error | undefined): void {
    if (this.ended) return;
    this.ended = true;
    clearInterval(this.statusTimer);
    this.emit('end', error);
  }

  private receive(chunk: Buffer): void {
    if (this.ended) return;
    const kind = chunk[0];
    if (kind === 0x77) {
      // 'w': 24 bytes of positions and time precede the message. Copied, for the parser reuses its buffer.
      this.emit('item', { kind: 'message', bytes: Buffer.from(chunk.subarray(25)) });
    } else if (kind === 0x6b) {
      // 'k': a keepalive.
      this.emit('item', { kind: 'keepalive', endLsn: chunk.readBigUInt64BE(1) });
      if (chunk[17] === 1) this.sendStatus();
    }
  }

  private sendStatus(): void {
    if (this.ended) return;
    const status = Buffer.alloc(34);
    status.write('r');
    // Written and applied: stored. Flushed: stored, and remembered to be.
    for (const offset of [1, 17]) status.writeBigUInt64BE(this.storedLsn, offset);
    status.writeBigUInt64BE(this.confirmedLsn, 9);
    status.writeBigInt64BE((BigInt(Date.now()) - 946_684_800_000n) * 1000n, 25);
    this.wire.sendCopyFromChunk(status);
  }
}
