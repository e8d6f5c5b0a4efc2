import type { ChangeSink } from '../sinks/change-sink.js';
import type { ChangeBatch } from '../encoding/change-batch.js';
import { ChangeBuffer } from '../encoding/change-buffer.js';
import { BackOff, waitUnlessAborted } from '../leading/back-off.js';

export interface BatcherOptions {
  sink: ChangeSink;
  /** Most changes and bytes of one write. */
  maxChanges: number;
  maxBytes: number;
  /** Ends retries; what is not written by then is sent again by the server. */
  signal: AbortSignal;
  /** Everything before `lsn` is stored. `changes` were written since the last call. */
  onStored: (lsn: bigint, changes: number) => void;
  onRetry: (error: unknown, delayMilliseconds: number) => void;
}

/** A batch on its way. */
interface Write {
  /** Up to where everything is stored once it and all before it are. */
  lsn: bigint | undefined;
  changes: number;
  stored: boolean;
  ended: Promise<void>;
}

/**
 * Gathers changes while writes are under way, and says how far all is stored.
 *
 * A write beside another one begins only when a batch is full: under light load, what comes meanwhile goes together.
 */
export class ChangeBatcher {
  readonly #options: BatcherOptions;
  /** Where changes are to be written. */
  readonly pending: ChangeBuffer;
  /** Up to where everything is stored once what is pending now is written. */
  #pendingLsn: bigint | undefined;
  /** Those under way, and those stored before an earlier one; in the log's order. */
  readonly #writes: Write[] = [];
  #writtenSinceStored = 0;

  constructor(options: BatcherOptions) {
    this.#options = options;
    this.pending = new ChangeBuffer(options.maxBytes);
  }

  get isFull(): boolean {
    const { pending } = this;
    const options = this.#options;
    return pending.length >= options.maxChanges || pending.byteLength >= options.maxBytes;
  }

  /** Everything before `lsn` has been added; never to be called inside a transaction. */
  advance(lsn: bigint): void {
    const last = this.#writes.at(-1);
    if (this.pending.length > 0) this.#pendingLsn = lsn;
    else if (last === undefined) this.#store(lsn);
    else last.lsn = lsn;
  }

  /** Begins to write what is pending, unless it is to wait for a write that is under way. */
  flush(): void {
    const { pending } = this;
    const [writes, options] = [this.#writes, this.#options];
    if (pending.length === 0 || options.signal.aborted) return;
    if (writes.length >= (this.isFull ? (options.sink.concurrentWrites ?? 1) : 1)) return;
    const { batch, release } = pending.take();
    const write: Write = {
      lsn: this.#pendingLsn,
      changes: batch.length,
      stored: false,
      ended: this.#writeUntilStored(batch).then(() => {
        release();
        write.stored = true;
        this.#settleWrites();
        this.flush();
      }),
    };
    this.#pendingLsn = undefined;
    writes.push(write);
    // Whoever awaits room or idleness learns of the failure.
    write.ended.catch(() => undefined);
  }

  /** Resolves when another change may be added. */
  async room(): Promise<void> {
    for (this.flush(); this.isFull && !this.#options.signal.aborted; this.flush())
      await Promise.race(this.#writes.filter(({ stored }) => !stored).map(({ ended }) => ended));
  }

  /** Resolves when no write is under way. */
  async idle(): Promise<void> {
    while (this.#writes.length > 0) await Promise.all(this.#writes.map(({ ended }) => ended));
  }

  /** Resolves when no write is under way, however they ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#writes.map(({ ended }) => ended));
  }

  async #writeUntilStored(changes: ChangeBatch): Promise<void> {
    const { sink, signal, onRetry } = this.#options;
    const backOff = new BackOff();
    for (;;) {
      signal.throwIfAborted();
      try {
        await sink.write(changes);
        return;
      } catch (error) {
        const delay = backOff.next();
        onRetry(error, delay);
        await waitUnlessAborted(delay, signal);
      }
    }
  }

  /** Confirms what is stored without a gap; one that has failed for good stays, so that nothing later is confirmed. */
  #settleWrites(): void {
    while (this.#writes[0]?.stored) {
      const { lsn, changes } = this.#writes.shift() as Write;
      this.#writtenSinceStored += changes;
      if (lsn !== undefined) this.#store(lsn);
    }
  }

  #store(lsn: bigint): void {
    const changes = this.#writtenSinceStored;
    this.#writtenSinceStored = 0;
    this.#options.onStored(lsn, changes);
  }
}
