import { hours } from '@infratraq/kernel';
import { isDuplicateKey, type Models, trusted } from '@infratraq/mongo';
import { randomBytes } from 'node:crypto';
import { AnalyticsAggregate } from '../collections/analytics-aggregate.js';
import { DashboardSnapshot } from '../collections/dashboard-snapshot.js';
import { ReportCache } from '../collections/report-cache.js';

/** The `report_type` of claims, which no report has. */
export const claimType = '(claim)';
/** The output of a longer computation is not stored. */
const longestComputationSeconds = hours(1);

/** Tells of a running computation whether its sources have changed since it began. */
export interface SourceClaim {
  /** Replaces the claim by the output: `stale` if a source has changed, `taken` if another output is stored. */
  become(output: ReportCache): Promise<'stored' | 'stale' | 'taken'>;
  /** Deletes the claim; answers whether no source has changed until now. */
  release(): Promise<boolean>;
}

/**
 * Claims that a computation reads these kinds of entity from now on.
 *
 * A claim is a document of `report_cache` under a random key. Invalidation deletes claims together with outputs, so that
 * an output computed from rows before a change cannot be stored after it.
 */
export async function claimSources(
  models: Models,
  sourceEntityTypes: readonly string[],
): Promise<SourceClaim> {
  const reports = models.of(ReportCache);
  const cache_key = randomBytes(32).toString('hex');
  const now = new Date();
  await reports.create({
    cache_key,
    report_type: claimType,
    params: {},
    source_entity_types: [...sourceEntityTypes],
    generation_ms: 0,
    created_at: now,
    expires_at: new Date(now.getTime() + longestComputationSeconds * 1_000),
  });
  const release = async () => (await reports.deleteOne({ cache_key })).deletedCount === 1;
  return {
    release,
    async become(output) {
      try {
        const { matchedCount } = await reports.updateOne(
          { cache_key },
          { $set: output },
          { runValidators: true },
        );
        return matchedCount === 1 ? 'stored' : 'stale';
      } catch (error) {
        await release();
        if (!isDuplicateKey(error)) throw error;
        return 'taken';
      }
    },
  };
}

/**
 * Deletes reports, and marks snapshots and rollups as stale, that were computed from these kinds of entity (`*` for any),
 * including those that are being computed now.
 */
export async function invalidateSources(
  models: Models,
  entityTypes: readonly string[] | '*',
  at: Date,
): Promise<void> {
  const source_entity_types = trusted(entityTypes === '*' ? { $exists: true } : { $in: [...entityTypes] });
  // Claims first: an output stored later checks its claim, one stored before is found below.
  await models.of(ReportCache).deleteMany({ source_entity_types });
  const fresh = { source_entity_types, stale_since: trusted({ $exists: false }) };
  await models.of(DashboardSnapshot).updateMany(fresh, { $set: { stale_since: at } });
  await models.of(AnalyticsAggregate).updateMany(fresh, { $set: { stale_since: at } });
}
