import { defineQuery, type EntityReference } from '@infratraq/kernel';
import { SearchIndexCache } from './search-index-cache.js';

/** The index entry of one entity. */
export const findIndexedEntity = defineQuery(SearchIndexCache, {
  example: { entity_type: 'projects', entity_id: '42' },
  shape: ({ entity_type, entity_id }: EntityReference) => ({ filter: { entity_type, entity_id } }),
});

/** Entities whose words match, the best first; needs an engine with text indexes. */
export const searchText = defineQuery(SearchIndexCache, {
  example: { text: 'bridge inspection' },
  shape: ({ text, entity_type }: { text: string; entity_type?: string }) => ({
    filter: { $text: { $search: text }, ...(entity_type !== undefined && { entity_type }) },
    sort: { score: { $meta: 'textScore' } },
  }),
});

/** Entities with a term that begins as typed, in any letter case, in order of their terms' entries. */
export const suggestEntities = defineQuery(SearchIndexCache, {
  example: { prefix: 'brid' },
  shape: ({ prefix, entity_type }: { prefix: string; entity_type?: string }) => ({
    filter: {
      suggest_terms: { $elemMatch: startingWith(prefix.toLowerCase()) },
      ...(entity_type !== undefined && { entity_type }),
    },
  }),
});

// A range instead of a regular expression: nothing in the input needs escaping, and the index bounds are exact.
function startingWith(prefix: string): { $gte: string; $lt: string } {
  return { $gte: prefix, $lt: `${prefix}\u{10FFFF}` };
}
