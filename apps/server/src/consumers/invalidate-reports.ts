import { ReportCache } from '@infratraq/caches';
import type { ChangeConsumer } from '@infratraq/capture';
import { trusted, type Models } from '@infratraq/mongo';

/** Forgets reports that were computed from what has changed. */
export function invalidateReports(models: Models): ChangeConsumer {
  return {
    name: 'cache-invalidation',
    // What is cached before this begins expires by itself.
    startAt: 'now',
    handle: async (changes) => {
      const types = [...new Set(changes.map(({ entity_type }) => entity_type))];
      // Nobody knows what a gap has changed.
      const isAnything = changes.some(({ operation }) => operation === 'GAP');
      await models.of(ReportCache).deleteMany({
        source_entity_types: trusted(isAnything ? { $exists: true } : { $in: types }),
      });
    },
  };
}
