import { defineQuery, type EntityReference } from '@infratraq/kernel';
import { UserFavorite, type FavoriteKind } from './user-favorite.js';

/** One favourite of a user. */
export const findFavorite = defineQuery(UserFavorite, {
  example: { user_id: 'u-engineer-1', kind: 'pinned', entity_type: 'reports', entity_id: 'project_progress' },
  shape: ({
    user_id,
    kind,
    entity_type,
    entity_id,
  }: { user_id: string; kind: FavoriteKind } & EntityReference) => ({
    filter: { user_id, kind, entity_type, entity_id },
  }),
});

/** One kind of a user's favourites, the last used first. */
export const listFavorites = defineQuery(UserFavorite, {
  example: { user_id: 'u-engineer-1', kind: 'recent' },
  shape: ({
    user_id,
    kind,
    scopes,
  }: {
    user_id: string;
    kind: FavoriteKind;
    scopes?: readonly string[];
  }) => ({
    filter: { user_id, kind, ...(scopes && { scopes: { $in: [...scopes] } }) },
    sort: { last_used_at: -1 },
  }),
});

/** Everybody's favourites of an entity. */
export const listFavoritesOfEntity = defineQuery(UserFavorite, {
  example: { entity_type: 'projects', entity_id: '1' },
  shape: ({ entity_type, entity_id }: EntityReference) => ({ filter: { entity_type, entity_id } }),
});
