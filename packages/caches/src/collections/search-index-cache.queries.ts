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
  shape: ({ text, ...narrowed }: { text: string } & Narrowed) => ({
    filter: { $text: { $search: text }, ...narrow(narrowed) },
    sort: { score: { $meta: 'textScore' } },
  }),
});

/** Entities with a term that begins as typed, in any letter case, in order of their terms' entries. */
export const suggestEntities = defineQuery(SearchIndexCache, {
  example: { prefix: 'brid' },
  shape: ({ prefix, from, below, ...narrowed }: SuggestedTerms) => ({
    filter: {
      suggest_terms: { $elemMatch: startingWith(prefix.toLowerCase(), { from, below }) },
      ...narrow(narrowed),
    },
  }),
});

interface Narrowed {
  readonly entity_type?: string;
  /** Only entities that belong to one of these. */
  readonly scopes?: readonly string[];
}

interface SuggestedTerms extends Narrowed {
  readonly prefix: string;
  /** Only terms from this one on, and below that one. */
  readonly from?: string | undefined;
  readonly below?: string | undefined;
}

function narrow({ entity_type, scopes }: Narrowed) {
  return {
    ...(entity_type !== undefined && { entity_type }),
    ...(scopes && { scopes: { $in: [...scopes] } }),
  };
}

// A range instead of a regular expression: nothing in the input needs escaping, and the index bounds are exact.
function startingWith(
  prefix: string,
  { from = prefix, below = `${prefix}\u{10FFFF}` }: { from?: string | undefined; below?: string | undefined },
): { $gte: string; $lt: string } {
  return { $gte: from, $lt: below };
}
