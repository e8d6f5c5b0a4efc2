import type { mongo } from 'mongoose';
import { backOff, Pause } from './pause.js';
import type { PreparedEvent } from './prepare-event.js';
import { writeBatch, type BatchOutcome } from './write-batch.js';

/** Counts of one collection since the writer was made; depth and bytes are what waits now. */
export interface CollectionMetrics {
  readonly depth: number;
  readonly bytes: number;
  readonly batches: number;
  readonly retries: number;
  readonly written: number;
  /** Not valid, or never taken by the collection. */
  readonly rejected: number;
  /** Turned away because the queue was full or the writer closed. */
  readonly refused: number;
}

/** What a queue needs from its writer. */
export interface QueueSurroundings {
  readonly batchSize: number;
  readonly lingerMilliseconds: number;
  /** Whether the collection takes writes now, will later, or never will again, and then why. */
  admit(): 'now' | 'later' | Error;
  settled(events: readonly PreparedEvent[]): void;
  rejected(event: PreparedEvent, error: unknown): void;
  failing(fault: unknown): void;
  working(): void;
}

const largestBatchBytes = 8 * 1024 * 1024;

/** The events of one collection on their way to the database, written in the order in which they came. */
export class CollectionQueue {
  readonly #database: mongo.Db;
  readonly #collection: mongo.Collection;
  readonly #surroundings: QueueSurroundings;
  readonly #pause = new Pause();
  readonly #waiters: { settledCount: number; resolve: () => void }[] = [];
  #waiting: PreparedEvent[] = [];
  #inFlight: readonly PreparedEvent[] = [];
  #running = false;
  #stopped = false;
  #lingering = false;
  #urgent = 0;
  #recordedCount = 0;
  #settledCount = 0;
  readonly #counts = { bytes: 0, batches: 0, retries: 0, written: 0, rejected: 0, refused: 0 };

  constructor(database: mongo.Db, collection: string, surroundings: QueueSurroundings) {
    this.#database = database;
    this.#collection = database.collection(collection);
    this.#surroundings = surroundings;
  }

  push(event: PreparedEvent): void {
    this.#waiting.push(event);
    this.#recordedCount += 1;
    this.#counts.bytes += event.bytes;
    if (!this.#running) void this.#run();
    else if (this.#waiting.length === this.#surroundings.batchSize) this.#cutLinger();
  }

  countRejected(): void {
    this.#counts.rejected += 1;
  }

  countRefused(): void {
    this.#counts.refused += 1;
  }

  metrics(): CollectionMetrics {
    return { depth: this.#recordedCount - this.#settledCount, ...this.#counts };
  }

  /** Resolves when everything that is here now has been written or rejected. */
  async flush(): Promise<void> {
    if (this.#stopped || this.#settledCount >= this.#recordedCount) return;
    this.#urgent += 1;
    this.#pause.cut();
    try {
      await new Promise<void>((resolve) =>
        this.#waiters.push({ settledCount: this.#recordedCount, resolve }),
      );
    } finally {
      this.#urgent -= 1;
    }
  }

  /** Gives up what has not been written. */
  abandon(): readonly PreparedEvent[] {
    this.#stopped = true;
    const left = [...this.#inFlight, ...this.#waiting];
    this.#waiting = [];
    this.#inFlight = [];
    this.#pause.cut();
    for (const { resolve } of this.#waiters.splice(0)) resolve();
    return left;
  }

  #cutLinger(): void {
    if (this.#lingering) this.#pause.cut();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0 && !this.#stopped) {
      await this.#linger();
      this.#inFlight = this.#takeBatch();
      this.#counts.batches += 1;
      for (let attempt = 1; this.#inFlight.length > 0 && !this.#stopped; attempt += 1) {
        if (attempt > 1) await this.#pause.wait(backOff(attempt - 1));
        if (!this.#stopped) await this.#tryBatch(attempt);
      }
    }
    this.#running = false;
  }

  async #linger(): Promise<void> {
    const { batchSize, lingerMilliseconds } = this.#surroundings;
    if (this.#urgent > 0 || this.#waiting.length >= batchSize) return;
    this.#lingering = true;
    await this.#pause.wait(lingerMilliseconds);
    this.#lingering = false;
  }

  #takeBatch(): PreparedEvent[] {
    let bytes = 0;
    let count = 0;
    for (const event of this.#waiting) {
      bytes += event.bytes;
      if (count === this.#surroundings.batchSize || (count > 0 && bytes > largestBatchBytes)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #tryBatch(attempt: number): Promise<void> {
    const batch = this.#inFlight;
    const admission = this.#surroundings.admit();
    if (admission === 'later') return;
    if (admission !== 'now') {
      this.#settle({ written: [], again: [], poisoned: batch.map((event) => ({ event, error: admission })) });
      return;
    }
    if (attempt > 1) this.#counts.retries += 1;
    const outcome = await this.#write(batch);
    if (this.#stopped) return;
    this.#settle(outcome);
    if (outcome.again.length > 0) this.#surroundings.failing(outcome.fault);
    else this.#surroundings.working();
  }

  // A fault that nobody foresaw must not end the queue: what it holds stays and is tried again, visibly failing.
  async #write(batch: readonly PreparedEvent[]): Promise<BatchOutcome> {
    try {
      return await writeBatch(this.#collection, this.#database, batch);
    } catch (fault) {
      return { written: [], poisoned: [], again: batch, fault };
    }
  }

  #settle({ written, poisoned, again }: BatchOutcome): void {
    this.#inFlight = again;
    this.#counts.written += written.length;
    this.#counts.rejected += poisoned.length;
    const done = [...written, ...poisoned.map(({ event }) => event)];
    for (const { bytes } of done) this.#counts.bytes -= bytes;
    this.#settledCount += done.length;
    this.#surroundings.settled(done);
    for (const { event, error } of poisoned) this.#surroundings.rejected(event, error);
    while (this.#waiters[0] && this.#waiters[0].settledCount <= this.#settledCount)
      this.#waiters.shift()?.resolve();
  }
}
