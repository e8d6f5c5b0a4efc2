import type { EventEmitter } from 'node:events';
import type { CollectionStates, Durability, EventRecorder } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import type { ClaimedFolder } from '../journal/claim-journal-folder.js';
import type { JournalFault, JournalMetrics } from '../journal/journal-options.js';
import type { CollectionMetrics } from '../queue/metrics.js';
import type { Sink } from '../queue/sink.js';

/** An event that was not and will not be stored, redacted like one that is, and why. */
export interface RejectedEvent {
  readonly collection: string;
  readonly document: object;
  /** Holds no value of the event as it was recorded. */
  readonly reason: string;
  readonly error: unknown;
  /** Whether `document` is all that would be stored; without, it had fields that the class does not know, now masked. */
  readonly isWhole: boolean;
}

/** Why the writer cannot keep up: the database fails, memory is used up, or the journal takes nothing. */
export interface Degradation {
  readonly collection: string;
  readonly reason: 'database' | 'full' | 'journal';
  readonly error?: unknown;
}

/** What a writer tells its listeners. */
export interface WriterEvents {
  'event:rejected': [RejectedEvent];
  'writer:degraded': [Degradation];
  'writer:recovered': [{ readonly collection: string }];
  'journal:faulted': [JournalFault];
}

/** What the writer holds and has done, in all and by collection. */
export interface WriterMetrics {
  readonly depth: number;
  /** Counted against `maximumBytes`: the events in memory with what holding them takes. */
  readonly bytes: number;
  readonly maximumBytes: number;
  /** Age of the oldest event in memory. */
  readonly oldestMilliseconds: number;
  readonly degraded: boolean;
  readonly journal?: JournalMetrics;
  readonly collections: Readonly<Record<string, CollectionMetrics>>;
}

export interface EventWriterOptions {
  readonly models: Models;
  /** Events of a collection in maintenance wait; without this, all are written at once. */
  readonly states?: CollectionStates;
  /** Key of the digests that `@Redact('hash')` makes, 32 bytes or more; the same in every process, and kept. */
  readonly redactionKey?: string | Uint8Array;
  /** A folder of this process's own for what memory cannot promise; without it, `journal-first` is not kept. */
  readonly journalFolder?: string | ClaimedFolder;
  /** What the journal may take on disk; used up, it keeps the oldest and takes nothing more. 1 GiB by default. */
  readonly maximumJournalBytes?: number;
  /** A file of the journal ends at this size and goes once all in it is stored; 8 MiB by default. */
  readonly journalSegmentBytes?: number;
  /**
   * How often the journal is forced onto the device; 1000 ms by default. A killed process loses nothing either way,
   * a machine without power what was journaled since. 0 forces every event before `record` returns.
   */
  readonly journalSyncIntervalMilliseconds?: number;
  /** Bytes that events may take in memory; what comes beyond goes to the journal, or is refused and counted. 64 MiB by default. */
  readonly maximumBytes?: number;
  /** Documents per insert at most; the writer finds the best size below it. 4000 by default. */
  readonly batchSize?: number;
  /** How long a batch waits at most for more before it is written; 20 ms by default, and 1 ms when little comes. */
  readonly lingerMilliseconds?: number;
  /**
   * Inserts of one collection that may be under way at once; the next begins only when a full batch waits, and with
   * more than one, batches may overtake each other. 2 by default. What is journal-first, or comes back from the
   * journal, is written one batch after another.
   */
  readonly batchesInFlight?: number;
  /** Inserts of all collections that may be under way at once; 4 by default. */
  readonly totalBatchesInFlight?: number;
  /**
   * A batch that its store does not acknowledge within this time is tried again, over another connection, and the
   * writer counts as degraded; 30,000 ms by default. A network may swallow everything and close nothing.
   */
  readonly maxSilenceMilliseconds?: number;
  /** Takes warnings; a pino logger fits. */
  readonly log?: { warn(details: object, message: string): void };
}

/** Another store that the writer's queues, journal and metrics serve. */
export interface StoreTarget {
  /** Stands for the store in metrics and in the journal, and must stay the same; no collection's name. */
  readonly name: string;
  readonly durability: Durability;
  readonly sink: Sink;
}

/** Records events off the caller's path and writes them in the background, each exactly once. */
export interface EventWriter extends EventRecorder {
  readonly events: EventEmitter<WriterEvents>;
  /** Queues events for another store than the models' database; answers how to record one, which never throws. */
  openStore(target: StoreTarget): (document: object) => void;
  /**
   * Resolves with true when everything recorded so far has been written or rejected; with false at the deadline, or
   * when the writer is closed before. Without a deadline it waits as long as a database is away.
   */
  flush(options?: { deadlineMilliseconds?: number }): Promise<boolean>;
  /**
   * Takes no more events, and drains within the deadline (10 seconds by default). Tells how many events are `kept` in
   * the journal for the next start, and how many are gone (`undelivered`).
   */
  close(options?: { deadlineMilliseconds?: number }): Promise<{ undelivered: number; kept: number }>;
  metrics(): WriterMetrics;
}
