import { ConflictError, type EntityReference, type ScopeFilter } from '@infratraq/kernel';
import { isDuplicateKey, type Models, type Stored } from '@infratraq/mongo';
import { plainText } from '@infratraq/transport';
import { z } from 'zod';
import { checkInput, userIdSchema } from '../writing/check-input.js';
import { findFavorite, listFavorites } from '../collections/user-favorite.queries.js';
import { favoriteKinds, UserFavorite, type FavoriteKind } from '../collections/user-favorite.js';

/** Which favourite is meant. */
export const favoriteReferenceSchema = z.strictObject({
  kind: z.enum(favoriteKinds),
  entity_type: z.string().min(1).max(100),
  entity_id: z.string().min(1).max(200),
});

/** A favourite as a client sends it. */
export const favoriteSchema = favoriteReferenceSchema.extend({
  title: plainText({ characters: 500 }),
  note: plainText({ characters: 2_000, lines: true, empty: true }).optional(),
  position: z.int().min(0).max(9_999).optional(),
});
/** A favourite as a client sends it. */
export type FavoriteInput = z.infer<typeof favoriteSchema>;

/** How many favourites of each kind a user can have; the oldest recent ones make room by themselves. */
export const favoriteLimits: Readonly<Record<FavoriteKind, number>> = {
  pinned: 100,
  bookmarked: 1_000,
  recent: 50,
};

const listedSchema = z.object({ user_id: z.string(), kind: z.enum(favoriteKinds) });

const upsertAttempts = 10;

/** Pinned, bookmarked and recent things of users. */
export class Favorites {
  readonly #models: Models;

  constructor(options: { models: Models }) {
    this.#models = options.models;
  }

  /**
   * One kind of a user's favourites, as far as the user may see them (`filterByScopes`): pinned ones in the user's order,
   * others the last used first.
   */
  async list(user_id: string, kind: FavoriteKind, { scopes }: ScopeFilter): Promise<Stored<UserFavorite>[]> {
    checkInput(listedSchema, { user_id, kind });
    const held = scopes && { scopes: scopes.$in };
    const found = await this.#models.find(listFavorites, { user_id, kind, ...held });
    if (kind !== 'pinned') return found;
    return found.sort((left, right) => (left.position ?? Infinity) - (right.position ?? Infinity) || 0);
  }

  /**
   * Adds a favourite, or brings one that is there up to date and to the front. `scopes` are those of its entity, which the
   * user may see.
   * @throws ConflictError `favorites.full` when the user has as many as can be; `favorites.busy` when others keep changing it
   * @throws InvalidInputError `preferences.invalid`
   */
  async put(
    user_id: string,
    favorite: FavoriteInput,
    scopes: readonly string[],
  ): Promise<Stored<UserFavorite>> {
    checkInput(userIdSchema, user_id);
    const { kind, entity_type, entity_id, ...given } = checkInput(favoriteSchema, favorite);
    const fields = { ...given, scopes };
    const key = { user_id, kind, entity_type, entity_id };
    if (kind === 'recent') {
      const written = await this.#upsert(key, fields);
      await this.#trimRecent(user_id);
      return written;
    }
    await this.#refuseBeyondLimit(key);
    const written = await this.#upsert(key, fields);
    await this.#takeBackBeyondLimit(written);
    return written;
  }

  /** Removes a favourite; tells whether it was there. */
  async remove(user_id: string, favorite: z.infer<typeof favoriteReferenceSchema>): Promise<boolean> {
    checkInput(userIdSchema, user_id);
    const key = { user_id, ...checkInput(favoriteReferenceSchema, favorite) };
    const { deletedCount } = await this.#models.of(UserFavorite).deleteOne(key);
    return deletedCount === 1;
  }

  async #upsert(
    key: { user_id: string; kind: FavoriteKind } & EntityReference,
    fields: Pick<FavoriteInput, 'title' | 'note' | 'position'> & { scopes: readonly string[] },
  ): Promise<Stored<UserFavorite>> {
    const { title, note, position, scopes } = fields;
    const now = new Date();
    const change = () =>
      this.#models
        .of(UserFavorite)
        .findOneAndUpdate(
          key,
          {
            $set: {
              title,
              scopes: [...scopes],
              last_used_at: now,
              ...(note !== undefined && { note }),
              ...(position !== undefined && { position }),
            },
            $inc: { use_count: 1 },
            $setOnInsert: { created_at: now },
          },
          { upsert: true, returnDocument: 'after', runValidators: true, setDefaultsOnInsert: false },
        )
        .lean<Stored<UserFavorite> | null>();
    for (let attempt = 1; attempt <= upsertAttempts; attempt += 1) {
      // Two upserts of the same thing may meet, or one a removal: then what they leave is changed anew.
      const written = await change().catch((error: unknown) => {
        if (isDuplicateKey(error)) return null;
        throw error;
      });
      if (written) return written;
    }
    throw new ConflictError('This favourite is being changed by others; try again', 'favorites.busy');
  }

  async #refuseBeyondLimit(key: { user_id: string; kind: FavoriteKind } & EntityReference): Promise<void> {
    if (await this.#models.findOne(findFavorite, key)) return;
    const { user_id, kind } = key;
    if ((await this.#count(user_id, kind)) >= favoriteLimits[kind]) throw new FavoritesFullError(kind);
  }

  /** Concurrent writers count again after writing: the last one sees all, so the limit holds. */
  async #takeBackBeyondLimit({ _id, user_id, kind, use_count }: Stored<UserFavorite>): Promise<void> {
    if (use_count > 1 || (await this.#count(user_id, kind)) <= favoriteLimits[kind]) return;
    // One that somebody has put again in the meantime is theirs, and stays.
    const { deletedCount } = await this.#models.of(UserFavorite).deleteOne({ user_id, _id, use_count: 1 });
    if (deletedCount === 1) throw new FavoritesFullError(kind);
  }

  #count(user_id: string, kind: FavoriteKind): Promise<number> {
    return this.#models.of(UserFavorite).countDocuments({ user_id, kind });
  }

  async #trimRecent(user_id: string): Promise<void> {
    const found = await this.#models.find(listFavorites, { user_id, kind: 'recent' });
    // One that was used while it was listed may be there twice, and what was used together has no order of its own.
    const distinct = new Map(found.toSorted(byUse).map((favorite) => [String(favorite._id), favorite]));
    const surplus = [...distinct.values()].sort(byUse).slice(0, -favoriteLimits.recent);
    // One that is used at this moment is the latest, not one of the oldest any more.
    const removals = surplus.map(({ _id, last_used_at }) => ({
      deleteOne: { filter: { user_id, _id, last_used_at } },
    }));
    if (removals.length > 0) await this.#models.of(UserFavorite).bulkWrite(removals, { ordered: false });
  }
}

/** The longest unused first. */
function byUse(left: Stored<UserFavorite>, right: Stored<UserFavorite>): number {
  return left.last_used_at.getTime() - right.last_used_at.getTime() || (left._id < right._id ? -1 : 1);
}

/** There are as many favourites of a kind as there can be. */
class FavoritesFullError extends ConflictError {
  constructor(kind: FavoriteKind) {
    super(`There are ${favoriteLimits[kind]} ${kind} already; remove one first`, 'favorites.full');
  }
}
