import type { Models } from '@infratraq/mongo';
import { AnalyticsAggregate } from '../collections/analytics-aggregate.js';
import { DashboardSnapshot } from '../collections/dashboard-snapshot.js';
import { claimSources } from '../invalidation/source-claim.js';

/** Figures without the fields that the writer adds. */
export type Computed<Figures> = Omit<Figures, 'source_entity_types' | 'stale_since'>;

/** Stores precomputed figures, and marks those as stale whose sources changed meanwhile. */
export class FigureWriter {
  readonly #models: Models;

  constructor(options: { models: Models }) {
    this.#models = options.models;
  }

  /**
   * Computes a snapshot from these kinds of entity and stores it, with `stale_since` if one of them changed meanwhile.
   * Answers whether it is fresh.
   */
  async storeSnapshot(
    sourceEntityTypes: readonly string[],
    compute: () => Promise<Computed<DashboardSnapshot>>,
  ): Promise<boolean> {
    const snapshots = this.#models.of(DashboardSnapshot);
    return this.#guard(sourceEntityTypes, async (sources) => {
      const snapshot = { ...(await compute()), ...sources };
      const { dashboard_id, scope, computed_at } = snapshot;
      const key = { dashboard_id, scope, computed_at };
      await snapshots.replaceOne(key, snapshot, { upsert: true, runValidators: true });
      return (stale_since) => snapshots.updateOne(key, { $set: { stale_since } });
    });
  }

  /** The same for a rollup, which replaces the one of its period and dimensions. */
  async storeAggregate(
    sourceEntityTypes: readonly string[],
    compute: () => Promise<Computed<AnalyticsAggregate>>,
  ): Promise<boolean> {
    const aggregates = this.#models.of(AnalyticsAggregate);
    return this.#guard(sourceEntityTypes, async (sources) => {
      const aggregate = { ...(await compute()), ...sources };
      const { metric, granularity, dimensions_hash, period_start } = aggregate;
      const key = { metric, granularity, dimensions_hash, period_start };
      await aggregates.replaceOne(key, aggregate, { upsert: true, runValidators: true });
      return (stale_since) => aggregates.updateOne(key, { $set: { stale_since } });
    });
  }

  /** Stores before it knows whether the result is fresh, so that no later change is missed. */
  async #guard(
    sourceEntityTypes: readonly string[],
    store: (sources: { source_entity_types: string[] }) => Promise<(staleSince: Date) => Promise<unknown>>,
  ): Promise<boolean> {
    const claim = await claimSources(this.#models, sourceEntityTypes);
    try {
      const markStale = await store({ source_entity_types: [...sourceEntityTypes] });
      const isFresh = await claim.release();
      if (!isFresh) await markStale(new Date());
      return isFresh;
    } catch (error) {
      await claim.release();
      throw error;
    }
  }
}
