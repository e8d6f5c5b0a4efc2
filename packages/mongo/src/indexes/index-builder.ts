import { repeat, type DocumentClass, type ReportError } from '@infratraq/kernel';
import type { Connection } from 'mongoose';
import { takeLease } from '../lease.js';
import { carryOutPlan, tellOthers } from './apply-indexes.js';
import type { BuildProgress } from './build-index.js';
import { formatIndexAction, type IndexAction } from './index-plan.js';
import { planIndexes } from './plan-indexes.js';
import { buildLease, findBuild } from './read-build.js';

/** What is known of indexes that are missing. */
export interface IndexStatus {
  /** One line for each index that is still to be built. */
  readonly pending: readonly string[];
  /** The build that is under way, in whatever process. */
  readonly building: BuildProgress | null;
}

export interface IndexBuilderOptions {
  readonly connection: Connection;
  readonly collections: readonly DocumentClass[];
  /** What the start has left to be done. */
  readonly pending: readonly IndexAction[];
  readonly onError: ReportError;
  readonly onProgress?: (progress: BuildProgress) => void;
  readonly onBuilt?: (action: IndexAction) => void;
  /** @default 5_000 */
  readonly everyMilliseconds?: number;
}

/**
 * Builds missing indexes while the server serves: one process at a time does; the others look again now and then, and
 * take over when it dies.
 */
export class IndexBuilder {
  readonly #options: IndexBuilderOptions;
  #pending: readonly IndexAction[];

  constructor(options: IndexBuilderOptions) {
    this.#options = options;
    this.#pending = options.pending;
  }

  /** Begins; the function that it answers ends it, and waits for no build: the server goes on with one that has begun. */
  start(): () => void {
    if (this.#pending.length === 0) return () => undefined;
    const { everyMilliseconds = 5_000, onError } = this.#options;
    const repetition = repeat(
      async () => {
        await this.#buildInTurn();
        if (this.#pending.length === 0) void repetition.stop();
      },
      { everyMilliseconds, atOnce: true, onError: (error) => onError(error, 'Building indexes') },
    );
    return () => void repetition.stop();
  }

  async status(): Promise<IndexStatus> {
    const building = (await findBuild(this.#options.connection)) ?? null;
    return { pending: this.#pending.map(formatIndexAction), building };
  }

  async #buildInTurn(): Promise<void> {
    const { connection, onProgress, onBuilt } = this.#options;
    const plan = async () => {
      const { actions } = await planIndexes(connection, this.#options.collections);
      this.#pending = actions.filter(({ kind }) => kind === 'create');
      return { actions: this.#pending };
    };
    if ((await plan()).actions.length === 0) return;
    const lease = await takeLease(connection, buildLease);
    if (!lease) return;
    try {
      const built = await carryOutPlan(connection, plan, { onProgress: tellOthers(lease, onProgress) });
      for (const action of built) onBuilt?.(action);
    } finally {
      await lease.release();
    }
  }
}
