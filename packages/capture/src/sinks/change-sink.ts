import type { ChangeBatch } from '../encoding/change-batch.js';

/**
 * Where changes go.
 *
 * `write` resolves once all of them are durable; it must take a change that it already has (same `_id`) as written.
 * When it rejects, the same changes are offered again: none is ever skipped.
 */
export interface ChangeSink {
  /** How many writes it may be given at a time, so that later changes may be there before earlier ones; 1 unless told. */
  readonly concurrentWrites?: number;
  write(changes: ChangeBatch): Promise<void>;
}
