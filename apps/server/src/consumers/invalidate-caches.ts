import { invalidateSources } from '@infratraq/caches';
import type { ChangeConsumer } from '@infratraq/capture';
import type { Models } from '@infratraq/mongo';

/** Forgets reports, and marks dashboards' figures as stale, that were computed from what has changed. */
export function invalidateCaches(models: Models): ChangeConsumer {
  return {
    name: 'cache-invalidation',
    // What is cached before this begins expires by itself.
    startAt: 'now',
    handle: async (changes) => {
      // Nobody knows what a gap has changed.
      const isAnything = changes.some(({ operation }) => operation === 'GAP');
      const types = [...new Set(changes.map(({ entity_type }) => entity_type))];
      await invalidateSources(models, isAnything ? '*' : types, new Date());
    },
  };
}
