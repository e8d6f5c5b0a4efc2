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
  shape: ({ prefix, entity_type, from, below }: SuggestedTerms) => ({
    filter: {
      suggest_terms: { $elemMatch: startingWith(prefix.toLowerCase(), { from, below }) },
      ...(entity_type !== undefined && { entity_type }),
    },
  }),
});

interface SuggestedTerms {
  readonly prefix: string;
  readonly entity_type?: string;
  /** Only terms from this one on, and below that one. */
  readonly from?: string | undefined;
  readonly below?: string | undefined;
}

// A range instead of a regular expression: nothing in the input needs escaping, and the index bounds are exact.
function startingWith(
  prefix: string,
  { from = prefix, below = `${prefix}\u{10FFFF}` }: { from?: string | undefined; below?: string | undefined },
): { $gte: string; $lt: string } {
  return { $gte: from, $lt: below };
}
