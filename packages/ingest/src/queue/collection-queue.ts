import { backOffMilliseconds } from '@infratraq/kernel';
import { JournalOverflow } from './journal-overflow.js';
import { BatchPace } from './batch-pace.js';
import { Fifo } from './fifo.js';
import { Pause } from './pause.js';
import type { CollectionMetrics } from './metrics.js';
import type { QueueContext } from './queue-context.js';
import { memoryBytes, type RecordedEvent } from './recorded-event.js';
import type { BatchOutcome } from './sink.js';

const largestBatchBytes = 8 * 1024 * 1024;
const retryTimes = { firstMilliseconds: 50, longestMilliseconds: 5_000 };

/** The events of one collection on their way to its store. */
export class CollectionQueue {
  readonly #context: QueueContext;
  readonly #disk: JournalOverflow;
  readonly #pace: BatchPace;
  readonly #linger = new Pause();
  readonly #backOffs = new Set<Pause>();
  readonly #waiters: { settledCount: number; resolve: (isSettled: boolean) => void }[] = [];
  readonly #waiting = new Fifo<RecordedEvent>();
  readonly #inFlight = new Set<readonly RecordedEvent[]>();
  #isLingering = false;
  #isFailing = false;
  #isStopped = false;
  #urgent = 0;
  #recordedCount = 0;
  #settledCount = 0;
  /** Everything up to here came back from the journal, or is older. */
  #orderedCount = 0;
  readonly #counts = {
    bytes: 0,
    batches: 0,
    retries: 0,
    written: 0,
    rejected: 0,
    refused: 0,
    unjournaled: 0,
  };

  constructor(context: QueueContext) {
    this.#context = context;
    this.#disk = new JournalOverflow(context.journal, context.name);
    this.#pace = new BatchPace(context.pace);
    this.#recordedCount = this.#disk.parkedCount;
    this.#pump();
  }

  /**
   * Takes an event into memory, onto disk, or both, as durability and room have it. Answers false for one that is refused,
   * which is counted.
   */
  push(event: RecordedEvent): boolean {
    const { budget, durability } = this.#context;
    const fitsMemory = this.#disk.parkedCount === 0 && budget.used + memoryBytes(event) <= budget.maximum;
    if (!fitsMemory) return this.#park(event);
    if (durability === 'journal-first') {
      if (!this.#disk.keep(event) && !this.#keepUnjournaled()) return false;
    } else if (this.#isFailing) this.#disk.keepInTurn(event);
    this.#recordedCount += 1;
    this.#enqueue(event);
    this.#pump();
    return true;
  }

  countRejected(): void {
    this.#counts.rejected += 1;
  }

  countRefused(): void {
    this.#counts.refused += 1;
  }

  metrics(): CollectionMetrics {
    const oldest = [...this.#inFlight].map(([event]) => event).concat(this.#waiting.at(0));
    const since = Math.min(...oldest.map((event) => event?.recordedAt ?? Number.POSITIVE_INFINITY));
    return {
      depth: this.#recordedCount - this.#settledCount,
      parked: this.#disk.parkedCount,
      oldestMilliseconds: Number.isFinite(since) ? Math.max(0, Date.now() - since) : 0,
      batchSize: this.#pace.batchSize,
      journaled: this.#disk.journaledCount,
      lost: this.#disk.lostCount,
      ...this.#counts,
    };
  }

  /** Resolves when everything that is here now has been written or rejected; with false when the queue stops before. */
  async flush(): Promise<boolean> {
    const isSettled = this.#settledCount >= this.#recordedCount;
    if (isSettled || this.#isStopped) return isSettled;
    this.#urgent += 1;
    this.#linger.cut();
    for (const pause of this.#backOffs) pause.cut();
    try {
      return await new Promise<boolean>((resolve) =>
        this.#waiters.push({ settledCount: this.#recordedCount, resolve }),
      );
    } finally {
      this.#urgent -= 1;
    }
  }

  /** Stops; answers how many events were neither written nor kept on disk. */
  abandon(): { undelivered: number; kept: number } {
    this.#isStopped = true;
    const left = [...[...this.#inFlight].flat(), ...this.#waiting.take(this.#waiting.length)];
    const saved = this.#disk.saveRest(left);
    this.#linger.cut();
    for (const pause of this.#backOffs) pause.cut();
    for (const { resolve } of this.#waiters.splice(0)) resolve(false);
    return { undelivered: left.length - saved, kept: saved + this.#disk.parkedCount };
  }

  // Without a journal nothing was promised. With one that fails, an event that only memory holds is stored in moments as
  // long as the database works; when that fails too, taking it would promise what nobody can keep.
  #keepUnjournaled(): boolean {
    if (!this.#context.journal) {
      this.#counts.unjournaled += 1;
      return true;
    }
    this.#context.degraded('journal');
    if (this.#isFailing) this.#counts.refused += 1;
    else this.#counts.unjournaled += 1;
    return !this.#isFailing;
  }

  #park(event: RecordedEvent): boolean {
    this.#context.degraded('full');
    const isParked = this.#disk.park(event);
    if (isParked) this.#recordedCount += 1;
    else this.#counts.refused += 1;
    this.#pump();
    return isParked;
  }

  #enqueue(event: RecordedEvent): void {
    this.#waiting.push(event);
    this.#counts.bytes += event.end - event.start;
    this.#context.budget.used += memoryBytes(event);
  }

  /** Starts as many batches as may be under way. */
  #pump(): void {
    if (this.#isStopped || this.#isLingering) {
      if (this.#isLingering && this.#waiting.length >= this.#pace.batchSize) this.#linger.cut();
      return;
    }
    for (;;) {
      if (this.#inFlight.size >= (this.#needsOrder() ? 1 : this.#context.batchesInFlight)) return;
      this.#unpark();
      const isFull = this.#waiting.length >= this.#pace.batchSize;
      if (this.#waiting.length === 0 || (this.#inFlight.size > 0 && !isFull)) return;
      if (!isFull && this.#urgent === 0) {
        void this.#waitForMore();
        return;
      }
      void this.#deliver(this.#takeBatch());
    }
  }

  // What could not be written when it came is written one batch after another.
  #needsOrder(): boolean {
    return this.#isFailing || this.#disk.parkedCount > 0 || this.#settledCount < this.#orderedCount;
  }

  async #waitForMore(): Promise<void> {
    this.#isLingering = true;
    await this.#linger.wait(this.#pace.lingerMilliseconds);
    this.#isLingering = false;
    if (this.#isStopped) return;
    if (this.#urgent === 0) this.#pace.observeLinger(this.#waiting.length);
    if (this.#waiting.length > 0) void this.#deliver(this.#takeBatch());
    this.#pump();
  }

  /** Brings events back from disk when memory holds less than a batch. */
  #unpark(): void {
    while (this.#disk.parkedCount > 0 && this.#waiting.length < this.#pace.batchSize) {
      const { events, lost } = this.#disk.unpark();
      for (const event of events) this.#enqueue(event);
      this.#settledCount += lost;
      this.#orderedCount = this.#settledCount + this.#waiting.length;
    }
    this.#releaseWaiters();
  }

  #takeBatch(): readonly RecordedEvent[] {
    let bytes = 0;
    let count = 0;
    for (
      let event = this.#waiting.at(0);
      event && count < this.#pace.batchSize;
      event = this.#waiting.at(count)
    ) {
      bytes += event.end - event.start;
      if (count > 0 && bytes > largestBatchBytes) break;
      count += 1;
    }
    return this.#waiting.take(count);
  }

  async #deliver(batch: readonly RecordedEvent[]): Promise<void> {
    const isFull = batch.length >= this.#pace.batchSize;
    let left = batch;
    this.#counts.batches += 1;
    for (let attempt = 1; left.length > 0 && !this.#isStopped; attempt += 1) {
      this.#inFlight.add(left);
      if (attempt > 1) await this.#backOff(attempt - 1);
      const outcome = await this.#context.slots.within(() => this.#tryBatch(left, attempt, isFull));
      if (this.#isStopped) return;
      this.#inFlight.delete(left);
      left = outcome ? this.#settle(outcome) : left;
    }
    this.#pump();
  }

  async #backOff(attempt: number): Promise<void> {
    const pause = new Pause();
    this.#backOffs.add(pause);
    await pause.wait(backOffMilliseconds(attempt, retryTimes));
    this.#backOffs.delete(pause);
  }

  async #tryBatch(
    batch: readonly RecordedEvent[],
    attempt: number,
    isFull: boolean,
  ): Promise<BatchOutcome | undefined> {
    if (this.#isStopped) return undefined;
    const admission = this.#context.admit();
    if (admission === 'later') return undefined;
    if (admission !== 'now')
      return { written: [], again: [], poisoned: batch.map((event) => ({ event, error: admission })) };
    if (attempt > 1) this.#counts.retries += 1;
    const startedAt = performance.now();
    const outcome = await this.#write(batch);
    if (isFull && attempt === 1 && outcome.again.length === 0)
      this.#pace.observeWrite(batch.length, performance.now() - startedAt);
    return outcome;
  }

  // A fault that nobody foresaw must not end the queue: what it holds stays and is tried again, visibly failing.
  async #write(batch: readonly RecordedEvent[]): Promise<BatchOutcome> {
    try {
      return await this.#context.sink(batch);
    } catch (fault) {
      return { written: [], poisoned: [], again: batch, fault };
    }
  }

  #settle({ written, poisoned, again, fault }: BatchOutcome): readonly RecordedEvent[] {
    this.#counts.written += written.length;
    this.#counts.rejected += poisoned.length;
    for (const event of written) this.#release(event);
    for (const { event, error } of poisoned) {
      this.#context.rejected(event, error);
      // After its listeners, who keep it as a dead letter, have had it.
      queueMicrotask(() => this.#release(event));
    }
    this.#settledCount += written.length + poisoned.length;
    if (again.length > 0) this.#beginFailing(again, fault);
    else this.#endFailing();
    this.#releaseWaiters();
    return again;
  }

  #release(event: RecordedEvent): void {
    this.#counts.bytes -= event.end - event.start;
    this.#context.budget.used -= memoryBytes(event);
    event.isSettled = true;
    this.#disk.settle(event);
  }

  #releaseWaiters(): void {
    while (this.#waiters[0] && this.#waiters[0].settledCount <= this.#settledCount)
      this.#waiters.shift()?.resolve(true);
  }

  #beginFailing(again: readonly RecordedEvent[], fault: unknown): void {
    this.#context.degraded('database', fault);
    if (this.#isFailing) return;
    this.#isFailing = true;
    if (this.#context.durability === 'journal-first') return;
    const others = [...this.#inFlight].filter((batch) => batch !== again).flat();
    const inMemory = [...again, ...others, ...this.#waiting];
    this.#disk.save(inMemory, () => this.#isFailing && !this.#isStopped);
  }

  #endFailing(): void {
    this.#isFailing = false;
    const isWhole = this.#context.durability === 'buffered' || this.#disk.isHealthy();
    if (this.#disk.parkedCount === 0 && isWhole) this.#context.recovered();
  }
}
