/** Counts of one collection since the writer was made; depth, parked, bytes and age are of what waits now. */
export interface CollectionMetrics {
  /** Events that are recorded and not yet settled, in memory or on disk. */
  readonly depth: number;
  /** Those of them that are on disk only. */
  readonly parked: number;
  /** BSON bytes in memory. */
  readonly bytes: number;
  /** Age of the oldest event in memory; one read back from disk counts from then. */
  readonly oldestMilliseconds: number;
  /** Events per insert that the writer aims at now. */
  readonly batchSize: number;
  readonly batches: number;
  readonly retries: number;
  readonly written: number;
  /** Not valid, or never taken by the collection: the dead letters. */
  readonly rejected: number;
  /** Turned away because memory and journal were full or the writer was closed. */
  readonly refused: number;
  /** Written to the journal. */
  readonly journaled: number;
  /** Of a journal-first collection, but kept in memory alone because the journal failed. */
  readonly unjournaled: number;
  /** Journaled once, but no longer readable on the disk. */
  readonly lost: number;
}
