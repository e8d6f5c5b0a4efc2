import type { Durability } from '@infratraq/kernel';
import type { Journal } from '../journal/journal.js';
import type { PaceLimits } from './batch-pace.js';
import type { RecordedEvent } from './recorded-event.js';
import type { BatchOutcome } from './sink.js';
import type { Slots } from './slots.js';

/** Bytes of events in memory, of all queues of a writer together. */
export interface ByteBudget {
  used: number;
  readonly maximum: number;
}

/** What a queue is of and what it needs from its writer. */
export interface QueueContext {
  /** Stands for the queue in the journal; the collection's name. */
  readonly name: string;
  readonly durability: Durability;
  /** The store's, with the writer's limit set. */
  readonly sink: (events: readonly RecordedEvent[]) => Promise<BatchOutcome>;
  readonly budget: ByteBudget;
  readonly slots: Slots;
  readonly pace: PaceLimits;
  /** Batches of this queue that may be under way at once. */
  readonly batchesInFlight: number;
  readonly journal?: Journal | undefined;
  /** Whether the store takes writes now, will later, or never will again, and then why. */
  admit(): 'now' | 'later' | Error;
  rejected(event: RecordedEvent, error: unknown): void;
  degraded(reason: 'database' | 'full' | 'journal', error?: unknown): void;
  recovered(): void;
}
