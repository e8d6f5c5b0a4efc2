import type { EventEmitter } from 'node:events';
import type { CollectionStates, Durability, EventRecorder } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import type { ClaimedFolder } from '../journal/claim-journal-folder.js';
import type { JournalFault, JournalMetrics, JournalRecovery } from '../journal/journal-options.js';
import type { CollectionMetrics } from '../queue/metrics.js';
import type { Sink } from '../queue/sink.js';

/** An event that will not be stored, and why. It is redacted like a stored one. */
export interface RejectedEvent {
  readonly collection: string;
  readonly document: object;
  /** Holds no value of the event as it was recorded. */
  readonly reason: string;
  readonly error: unknown;
  /** False when the event had fields that the class does not know; they are masked in `document`. */
  readonly isWhole: boolean;
}

/** Why the writer cannot keep up: the database fails, the memory budget is used up, or the journal cannot be written. */
export interface Degradation {
  readonly collection: string;
  readonly reason: 'database' | 'full' | 'journal';
  readonly error?: unknown;
}

/** A spell in which events were refused, and which is over: none was refused for 10 seconds, and some were taken. */
export interface RefusalSpell {
  /** How many events were refused, in total and by collection. */
  readonly refused: number;
  readonly collections: Readonly<Record<string, number>>;
  readonly since: Date;
  /** When the last one was refused. */
  readonly until: Date;
}

/** Events of a writer. */
export interface WriterEvents {
  'event:rejected': [RejectedEvent];
  'writer:degraded': [Degradation];
  'writer:recovered': [{ readonly collection: string }];
  'refusal:begun': [{ readonly collection: string }];
  'refusal:ended': [RefusalSpell];
  'journal:faulted': [JournalFault];
  'journal:recovered': [JournalRecovery];
}

/** State and counters of a writer, in total and by collection. */
export interface WriterMetrics {
  readonly depth: number;
  /** Memory of the waiting events with their overhead; counted against `maximumBytes`. */
  readonly bytes: number;
  readonly maximumBytes: number;
  /** Age of the oldest event in memory. */
  readonly oldestMilliseconds: number;
  readonly degraded: boolean;
  readonly journal?: JournalMetrics;
  readonly collections: Readonly<Record<string, CollectionMetrics>>;
}

/** Takes what a writer has to say. */
export interface WriterLog {
  warn(details: object, message: string): void;
  error?(details: object, message: string): void;
}

export interface EventWriterOptions {
  readonly models: Models;
  /** States of collections: events of one in maintenance wait. Without it, all are written at once. */
  readonly states?: CollectionStates;
  /** Key of the digests of `@Redact('hash')`: 32 bytes or more, kept, and the same in every process. */
  readonly redactionKey?: string | Uint8Array;
  /** Folder of this process's own for events that memory cannot keep safe; without it, `journal-first` has no effect. */
  readonly journalFolder?: string | ClaimedFolder;
  /**
   * Limit of the journal on disk. At the limit it keeps the oldest events and accepts no more.
   * @default 1 GiB
   */
  readonly maximumJournalBytes?: number;
  /**
   * Size of a journal file; it is removed once all its events are stored.
   * @default 8 MiB
   */
  readonly journalSegmentBytes?: number;
  /**
   * Interval of flushes of the journal to the device. A killed process loses nothing either way; a power failure loses
   * what was journaled since. 0 flushes every event before `record` returns.
   * @default 1_000
   */
  readonly journalSyncIntervalMilliseconds?: number;
  /**
   * Memory budget of waiting events. Beyond it, events go to the journal, or are refused and counted.
   * @default 64 MiB
   */
  readonly maximumBytes?: number;
  /**
   * Maximum number of documents per insert; the writer finds the best size below it.
   * @default 4_000
   */
  readonly batchSize?: number;
  /**
   * Longest time that a batch waits for more events; 1 ms when few come.
   * @default 20
   */
  readonly lingerMilliseconds?: number;
  /**
   * Maximum number of concurrent inserts into one collection; another one begins only when a full batch waits. With
   * more than one, batches may overtake each other. Events that are journal-first or come back from the journal are
   * written one batch after another.
   * @default 2
   */
  readonly batchesInFlight?: number;
  /**
   * Maximum number of concurrent inserts into all collections.
   * @default 4
   */
  readonly totalBatchesInFlight?: number;
  /**
   * A batch that is not acknowledged within this time is repeated over another connection, and the writer counts as
   * degraded: a network may drop packets without closing the connection.
   * @default 30_000
   */
  readonly maxSilenceMilliseconds?: number;
  /** Takes warnings, and errors where the logger knows them; a pino logger fits. */
  readonly log?: WriterLog;
}

/** Another store behind the writer's queues, journal and metrics. */
export interface StoreTarget {
  /** Names the store in metrics and in the journal. It must not change, nor be a collection's name. */
  readonly name: string;
  readonly durability: Durability;
  readonly sink: Sink;
}

/** Records events off the caller's path and writes them in the background, each exactly once. */
export interface EventWriter extends EventRecorder {
  readonly events: EventEmitter<WriterEvents>;
  /** Queues events for another store. Call the answer to record one; it never throws, and answers like `record`. */
  openStore(target: StoreTarget): (document: object) => boolean;
  /**
   * Resolves with true once everything recorded so far is written or rejected, with false at the deadline or when the
   * writer is closed. Without a deadline it waits as long as the database is away.
   */
  flush(options?: { deadlineMilliseconds?: number }): Promise<boolean>;
  /**
   * Accepts no more events, and drains within the deadline (10 seconds by default). Answers how many events the journal
   * keeps for the next start (`kept`), and how many are lost (`undelivered`).
   */
  close(options?: { deadlineMilliseconds?: number }): Promise<{ undelivered: number; kept: number }>;
  metrics(): WriterMetrics;
}
