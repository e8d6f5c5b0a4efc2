import type { ArchiveManifest } from '../collections/archive-manifest.js';
import type { IdRange, StoredChange } from './read-changes.js';
import type { Seal, SealWithChanges } from './seal.js';

/** A seal as its keeper holds it, with its changes packed. */
export interface KeptSeal extends Seal {
  readonly packed_changes: Uint8Array;
}

/** What the next seal continues. It is kept besides the seals, so that no other seal takes the place of a removed one. */
export type SealHead = Pick<Seal, 'sequence' | 'last_id' | 'chain_head'>;

/** What the one who seals now may work with. */
export interface SealingTurn {
  readonly last: SealHead | undefined;
  /** Changes with ids below it are all there and stay as they are; undefined while nothing is known to be. */
  readonly sealableBelow: string | undefined;
  append(seal: KeptSeal): Promise<void>;
  /** Remembers that every change there was when the turn began is under a seal. */
  noteComplete(): Promise<void>;
}

/** What changes are captured from: one for each replication slot that there ever was. */
export interface CaptureSource {
  /** What the ids of its changes begin with, before the first colon. */
  readonly source: string;
  /** How far PostgreSQL has written the log that it is captured from, as ids have it; undefined once it has ended. */
  readonly written?: string | undefined;
}

/** When sealing last came forward; undefined where it never has. */
export interface SealingProgress {
  /** When the newest seal was made. */
  readonly sealed_at?: Date | undefined;
  /** When every change was last found under a seal. */
  readonly complete_at?: Date | undefined;
}

/** Where seals are kept: PostgreSQL, in the composed server. */
export interface SealKeeper {
  /** Runs `work` while nobody else seals; answers undefined at once when somebody does. */
  takeTurn<Result>(work: (turn: SealingTurn) => Promise<Result>): Promise<Result | undefined>;
  /** Seals after a sequence, in order. */
  list(after: number, limit: number): Promise<KeptSeal[]>;
  readHead(): Promise<SealHead | undefined>;
  readProgress(): Promise<SealingProgress>;
  /** The seal that names a change with this id, if any does. */
  findSealOf(changeId: string): Promise<KeptSeal | undefined>;
  /** Seals that have not been published, the oldest first. */
  listUnpublished(limit: number): Promise<KeptSeal[]>;
  markPublished(sequence: number): Promise<void>;
  listSources(): Promise<readonly CaptureSource[]>;
}

/** Where changes are that the changelog refused: `keepRefusedChange` of capture keeps them in PostgreSQL. */
export interface RefusedChanges {
  /** Those within a range of ids, in order. */
  read(range: IdRange): AsyncIterable<StoredChange>;
}

/** A place outside both databases, where seals can be added and never changed. */
export interface SealPublisher {
  /**
   * Adds a seal's file; the same file again is no error.
   * @throws SealConflictError when another file is there under its number
   */
  publish(seal: SealWithChanges): Promise<void>;
  /** Where a seal's file is, or will be. */
  uriOf(sequence: number): string;
  /** The file of a seal, or undefined when there is none. */
  read(sequence: number): Promise<string | undefined>;
  /** Sequences after one whose files are there, in order. */
  listAfter(sequence: number, limit: number): Promise<number[]>;
}

/** Reads archived segments back: the archiver, where there is one. */
export interface SegmentReader {
  /**
   * The documents of a segment as they were stored, in the segment's order.
   *
   * An object that is gone or damaged is told by an InfratraqError with the code `object.not-found`, `object.corrupted`
   * or `segment.…`; anything else counts as a fault of the moment.
   */
  read(segment: ArchiveManifest): AsyncIterable<Readonly<Record<string, unknown>>>;
}
