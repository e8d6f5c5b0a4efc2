import type { FaultSpell } from './fault-spell.js';

/** Where and how a journal is kept. */
export interface JournalOptions {
  /** One process at a time owns it. */
  readonly folder: string;
  /** Of a folder that is locked already: gives it up. */
  readonly unlock?: () => void;
  /** Of a folder that is locked already: whether it still is this process's. */
  readonly isHeld?: () => boolean;
  /**
   * Limit of all segments on disk. At the limit the journal keeps the oldest events and accepts no more.
   * @default 1 GiB
   */
  readonly maximumBytes?: number;
  /**
   * A segment is closed at this size, and deleted once all its events are stored.
   * @default 8 MiB
   */
  readonly segmentBytes?: number;
  /**
   * How often what was written is forced onto the device, in milliseconds (1000 by default). A killed process loses
   * nothing either way; a machine that loses power may lose what it wrote since. 0 forces it before `record` returns.
   */
  readonly syncIntervalMilliseconds?: number;
  /** Told what was found damaged, and once per spell that the journal cannot be written. */
  readonly onFault?: (fault: JournalFault) => void;
  /** Told when the journal can be written again. */
  readonly onRecovered?: (recovery: JournalRecovery) => void;
}

/** A spell in which the journal could not be written, and which is over. */
export interface JournalRecovery extends FaultSpell {
  readonly path: string;
}

/** Something is wrong with the journal's files. */
export interface JournalFault {
  readonly kind: 'torn-tail' | 'damaged-segment' | 'write-failed' | 'sync-failed' | 'taken-over';
  readonly path: string;
  /** Bytes that cannot be read. */
  readonly bytes?: number;
  readonly error?: unknown;
}

/** What the journal holds and has done since it was opened; sizes in bytes. */
export interface JournalMetrics {
  readonly bytes: number;
  readonly maximumBytes: number;
  readonly segments: number;
  readonly appended: number;
  /** Events found when it was opened, left by an earlier process. */
  readonly recovered: number;
  /** Writes that the disk refused. */
  readonly writeFailures: number;
  readonly syncFailures: number;
  /** Segments with content that could not be read, kept as `.damaged` files. */
  readonly damagedSegments: number;
  /** Bytes cut off at the end of the last segment: an event that was being written when a process ended. */
  readonly tornBytes: number;
}
