import { invalidateSources } from '@infratraq/caches';
import type { Change, ChangeConsumer } from '@infratraq/capture';
import type { Models } from '@infratraq/mongo';

/** Forgets reports, and marks dashboards' figures as stale, that were computed from what has changed. */
export function invalidateCaches(models: Models): ChangeConsumer {
  return {
    name: 'cache-invalidation',
    // What is cached before this begins expires by itself.
    startAt: 'now',
    handle: async (changes) => {
      // Nobody knows what a gap has changed, nor whom a rule lets see what.
      const isAnything = changes.some(
        ({ operation, entity_type }) => operation === 'GAP' || entity_type === 'infratraq.scope_rules',
      );
      const types = [...new Set(changes.flatMap(listConcerned))];
      await invalidateSources(models, isAnything ? '*' : types, new Date());
    },
  };
}

/** What is declared sensitive must not be shown any longer by what was computed before. */
function listConcerned({ entity_type, old_value, new_value }: Change): string[] {
  if (entity_type !== 'infratraq.sensitive_fields') return [entity_type];
  return [entity_type, String((new_value ?? old_value)?.['table_name'])];
}
