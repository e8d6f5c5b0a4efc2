import type { OpenTransaction } from '../transactions/open-transaction.js';

/** One change of the schema; it never changes once it is released. */
export interface MigrationStep {
  /** Unique among the steps of its owner. */
  readonly name: string;
  /** What an earlier version called it, in the one list that it had for all owners. */
  readonly formerly?: string;
  up(transaction: OpenTransaction): Promise<void>;
}

/** The steps of one owner of tables, in the order in which they run. */
export interface MigrationList {
  /** Steps are recorded as `owner/name`. */
  readonly owner: string;
  readonly steps: readonly MigrationStep[];
}
