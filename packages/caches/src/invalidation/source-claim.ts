import { hours } from '@infratraq/kernel';
import { isDuplicateKey, type Models, trusted } from '@infratraq/mongo';
import { randomBytes } from 'node:crypto';
import { AnalyticsAggregate } from '../collections/analytics-aggregate.js';
import { DashboardSnapshot } from '../collections/dashboard-snapshot.js';
import { ReportCache } from '../collections/report-cache.js';

/** What stands in a claim for the type of a report: not a name that one would be given. */
export const claimType = '(claim)';
/** What takes longer is not kept. */
const longestComputationSeconds = hours(1);

/** Says of something that is being computed whether what it is computed from has changed since it was begun. */
export interface SourceClaim {
  /** Makes it the output, in one step: `stale` when a source has changed, `taken` when another output is there. */
  become(output: ReportCache): Promise<'stored' | 'stale' | 'taken'>;
  /** Gives it up; answers whether no source has changed until now. */
  release(): Promise<boolean>;
}

/**
 * Claims that something is computed from these kinds of entity as they are from now on.
 *
 * A claim is a document of `report_cache` under a key of its own, which nobody asks for. What forgets outputs because of
 * a change forgets claims as well, so that an output of rows from before the change can't be stored after it.
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
 * Forgets reports, and marks snapshots and rollups as stale, that were computed from these kinds of entity (from any
 * that they name, for `*`), those included that are being computed now.
 */
export async function invalidateSources(
  models: Models,
  entityTypes: readonly string[] | '*',
  at: Date,
): Promise<void> {
  const source_entity_types = trusted(entityTypes === '*' ? { $exists: true } : { $in: [...entityTypes] });
  // Claims go with the reports, and first: what is stored afterwards asks for its claim, what was before is found here.
  await models.of(ReportCache).deleteMany({ source_entity_types });
  const fresh = { source_entity_types, stale_since: trusted({ $exists: false }) };
  await models.of(DashboardSnapshot).updateMany(fresh, { $set: { stale_since: at } });
  await models.of(AnalyticsAggregate).updateMany(fresh, { $set: { stale_since: at } });
}
