import { InfratraqError, type ScopeFilter } from '@infratraq/kernel';
import { OrderedReader, type Models, type Page, type Stored } from '@infratraq/mongo';
import { searchText, suggestEntities } from '../collections/search-index-cache.queries.js';
import type { SearchIndexCache } from '../collections/search-index-cache.js';
import { placeBehind, termAt, termsOnLine } from './term-line.js';

const rememberedReaches = 1_000;

/** The search features of the database engine. */
export interface SearchCapabilities {
  readonly text: boolean;
}

/** Finds entities by words, and by the beginning of a word. */
export class EntitySearch {
  readonly #models: Models;
  readonly #capabilities: SearchCapabilities;
  /** How far along its line the first terms of a beginning were found the last time. */
  readonly #reaches = new Map<string, number>();

  constructor(options: { models: Models; capabilities: SearchCapabilities }) {
    this.#models = options.models;
    this.#capabilities = options.capabilities;
  }

  /**
   * Entities whose words match, best first, among those of the scopes that `filterByScopes` answers; supports `"a phrase"` and `-without`.
   * @throws InfratraqError `search.text-unavailable` on an engine without text indexes
   */
  async search(
    words: { text: string; entity_type?: string | undefined },
    page: { cursor?: string | undefined; limit: number },
    visible: ScopeFilter,
  ): Promise<Page<Stored<SearchIndexCache>>> {
    if (!this.#capabilities.text)
      throw new InfratraqError(
        'search.text-unavailable',
        'This database engine has no text indexes, so full-text search is off; suggestions work, and MongoDB has both',
        { status: 503 },
      );
    return this.#models.page(searchText, narrow({ text: words.text }, words.entity_type, visible), page, {
      omit: ['body', 'suggest_terms'],
    });
  }

  /** Entities of such scopes with a word, title or code that begins as typed, in any letter case. */
  async suggest(
    typed: { prefix: string; entity_type?: string | undefined },
    visible: ScopeFilter,
    limit = 10,
  ): Promise<Stored<SearchIndexCache>[]> {
    const prefix = typed.prefix.toLowerCase();
    const parameters = narrow({ prefix }, typed.entity_type, visible);
    const found = new Set<string>();
    const key = JSON.stringify([parameters.entity_type, parameters.scopes, prefix]);
    const reach = this.#reaches.get(key);
    return new OrderedReader(this.#models.connection).read({
      start: 0,
      end: termsOnLine,
      width: reach ?? termsOnLine / 1_000,
      isKnown: reach !== undefined,
      limit,
      read: async ({ from, below }, { limit: most, milliseconds }) => {
        const window = {
          ...parameters,
          from: from === undefined ? undefined : termAt(prefix, from),
          below: below === undefined ? undefined : termAt(prefix, below),
        };
        // An entity has many terms, so it may be in several windows.
        const entities = await this.#models.find(suggestEntities, window, {
          limit: most + found.size,
          milliseconds,
          omit: ['body'],
        });
        const added = entities.filter(({ _id }) => !found.has(String(_id))).slice(0, most);
        for (const { _id } of added) found.add(String(_id));
        if (added.length > 0 && below !== undefined) this.#remember(key, reachOf(added, prefix, window));
        return added;
      },
    });
  }

  #remember(key: string, reach: number): void {
    this.#reaches.delete(key);
    this.#reaches.set(key, reach);
    if (this.#reaches.size > rememberedReaches) this.#reaches.delete(this.#reaches.keys().next().value!);
  }
}

/** How far along its line the terms lie that entities were found by. */
function reachOf(
  entities: readonly SearchIndexCache[],
  prefix: string,
  { from = prefix, below = '' }: { from?: string | undefined; below?: string | undefined },
): number {
  const matching = entities.map(
    ({ suggest_terms }) => suggest_terms.filter((term) => term >= from && term < below).sort()[0] ?? below,
  );
  return Math.max(...matching.map((term) => placeBehind(prefix, term)));
}

function narrow<Parameters extends object>(
  parameters: Parameters,
  entity_type: string | undefined,
  { scopes }: ScopeFilter,
): Parameters & { entity_type?: string; scopes?: readonly string[] } {
  return {
    ...parameters,
    ...(entity_type !== undefined && { entity_type }),
    ...(scopes && { scopes: scopes.$in }),
  };
}
