import { InfratraqError } from '@infratraq/kernel';
import type { Models, Page, Stored } from '@infratraq/mongo';
import { searchText, suggestEntities } from '../collections/search-index-cache.queries.js';
import type { SearchIndexCache } from '../collections/search-index-cache.js';

/** The search features of the database engine. */
export interface SearchCapabilities {
  readonly text: boolean;
}

/** Finds entities by words, and by the beginning of a word. */
export class EntitySearch {
  readonly #models: Models;
  readonly #capabilities: SearchCapabilities;

  constructor(options: { models: Models; capabilities: SearchCapabilities }) {
    this.#models = options.models;
    this.#capabilities = options.capabilities;
  }

  /**
   * Entities whose words match, best first; supports `"a phrase"` and `-without`.
   * @throws InfratraqError `search.text-unavailable` on an engine without text indexes
   */
  async search(
    words: { text: string; entity_type?: string | undefined },
    page: { cursor?: string | undefined; limit: number },
  ): Promise<Page<Stored<SearchIndexCache>>> {
    if (!this.#capabilities.text)
      throw new InfratraqError(
        'search.text-unavailable',
        'This database engine has no text indexes, so full-text search is off; suggestions work, and MongoDB has both',
        { status: 503 },
      );
    return this.#models.page(searchText, narrow({ text: words.text }, words.entity_type), page);
  }

  /** Entities with a word, title or code that begins as typed, in any letter case. */
  async suggest(
    typed: { prefix: string; entity_type?: string | undefined },
    limit = 10,
  ): Promise<Stored<SearchIndexCache>[]> {
    return this.#models.find(suggestEntities, narrow({ prefix: typed.prefix }, typed.entity_type), { limit });
  }
}

function narrow<Parameters extends object>(
  parameters: Parameters,
  entity_type: string | undefined,
): Parameters & { entity_type?: string } {
  return entity_type === undefined ? parameters : { ...parameters, entity_type };
}
