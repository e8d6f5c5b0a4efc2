import type { ChangeSink } from '../change.js';
import type { ChangeBatch } from '../encoding/change-batch.js';
import { ChangeBuffer } from '../encoding/change-buffer.js';
import { BackOff, waitUnlessAborted } from './back-off.js';

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

/** Gathers changes while the write before is under way, writes them in order, and says how far all is stored. */
export class ChangeBatcher {
  /** Where changes are to be written. */
  readonly pending = new ChangeBuffer();
  /** Up to where everything is stored once what is pending now is written. */
  private pendingLsn: bigint | undefined;
  private writing: Promise<void> | undefined;
  private writtenSinceStored = 0;

  constructor(private readonly options: BatcherOptions) {}

  get isFull(): boolean {
    const { pending, options } = this;
    return pending.length >= options.maxChanges || pending.byteLength >= options.maxBytes;
  }

  /** Everything before `lsn` has been added; never to be called inside a transaction. */
  advance(lsn: bigint): void {
    if (this.pending.length === 0 && this.writing === undefined) this.store(lsn);
    else this.pendingLsn = lsn;
  }

  /** Begins to write what is pending, unless a write is under way: the next one takes it along. */
  flush(): void {
    if (this.writing !== undefined || this.pending.length === 0 || this.options.signal.aborted) return;
    this.writing = this.writePending();
    // Whoever awaits room or idleness learns of the failure.
    this.writing.catch(() => undefined);
  }

  /** Resolves when another change may be added. */
  async room(): Promise<void> {
    while (this.isFull && !this.options.signal.aborted) {
      this.flush();
      await this.writing;
    }
  }

  /** Resolves when no write is under way. */
  async idle(): Promise<void> {
    await this.writing;
  }

  /** Resolves when no write is under way, however it ended. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.writing]);
  }

  private async writePending(): Promise<void> {
    while (!this.options.signal.aborted && (this.pending.length > 0 || this.pendingLsn !== undefined)) {
      const lsn = this.pendingLsn;
      this.pendingLsn = undefined;
      if (this.pending.length > 0) {
        const { batch, release } = this.pending.take();
        await this.writeUntilStored(batch);
        release();
        this.writtenSinceStored += batch.length;
      }
      if (lsn !== undefined) this.store(lsn);
    }
    // Only after success: once a write has failed for good, nothing later may be written or confirmed.
    this.writing = undefined;
  }

  private async writeUntilStored(changes: ChangeBatch): Promise<void> {
    const { sink, signal, onRetry } = this.options;
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

  private store(lsn: bigint): void {
    const changes = this.writtenSinceStored;
    this.writtenSinceStored = 0;
    this.options.onStored(lsn, changes);
  }
}
