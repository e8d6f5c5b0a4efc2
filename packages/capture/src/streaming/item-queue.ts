import type { StreamItem } from './replication-connection.js';

/** What a queue needs of the stream that fills it: to hold it back. */
interface Pausable {
  pause(): void;
  resume(): void;
}

/** Holds what has arrived and was not read yet, and stops the stream when that is more than `maxBytes`. */
export class ItemQueue {
  private items: StreamItem[] = [];
  private next = 0;
  private bytes = 0;
  private paused = false;
  private ended: { error?: Error } | undefined;
  private wake: (() => void) | undefined;

  constructor(
    private readonly stream: Pausable,
    private readonly maxBytes: number,
  ) {}

  get isEmpty(): boolean {
    return this.next === this.items.length;
  }

  push(item: StreamItem): void {
    this.items.push(item);
    this.bytes += sizeOf(item);
    if (!this.paused && this.bytes > this.maxBytes) {
      this.paused = true;
      this.stream.pause();
    }
    this.wake?.();
  }

  /** What is still queued is dropped: the server sends it again. */
  end(error?: Error): void {
    this.ended ??= { error };
    this.wake?.();
  }

  /** The next item, once there is one; undefined at the end. Rejects with the error that ended the stream. */
  async take(): Promise<StreamItem | undefined> {
    while (this.isEmpty && this.ended === undefined) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return this.takeNow();
  }

  /** As `take`, for when the queue is known not to be empty. */
  takeNow(): StreamItem | undefined {
    if (this.ended !== undefined) {
      if (this.ended.error !== undefined) throw this.ended.error;
      return undefined;
    }
    const item = this.items[this.next] as StreamItem;
    this.next += 1;
    this.bytes -= sizeOf(item);
    if (this.isEmpty || this.next === 4096) {
      this.items = this.items.slice(this.next);
      this.next = 0;
    }
    if (this.paused && this.bytes < this.maxBytes / 2) {
      this.paused = false;
      this.stream.resume();
    }
    return item;
  }
}

/** An object in memory costs about this much besides its bytes. */
const overheadBytes = 100;
const sizeOf = (item: StreamItem) => overheadBytes + (item.kind === 'message' ? item.bytes.length : 0);
