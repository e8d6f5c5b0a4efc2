import type { ChangeBatch } from '../encoding/change-batch.js';

/**
 * Stores changes.
 *
 * `write` resolves once all changes are durable. It must accept a change that it has already (same `_id`). When it
 * rejects, the same changes are offered again; none is ever skipped.
 */
export interface ChangeSink {
  /**
   * Maximum number of concurrent writes. With more than one, later changes may be stored before earlier ones.
   * @default 1
   */
  readonly concurrentWrites?: number;
  write(changes: ChangeBatch): Promise<void>;
}
