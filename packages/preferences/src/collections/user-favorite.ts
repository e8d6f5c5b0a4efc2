import 'reflect-metadata';
import { Collection, growth, permanent } from '@infratraq/kernel';
import { prop } from '@typegoose/typegoose';

/** Pinned and bookmarked by the user; recent kept by the product, bounded. */
export const favoriteKinds = ['pinned', 'bookmarked', 'recent'] as const;
export type FavoriteKind = (typeof favoriteKinds)[number];

/** One thing that a user wants back quickly. */
@Collection<UserFavorite>({
  name: 'user_favorite',
  purpose: 'Pinned reports, bookmarked entities, recent items',
  retention: permanent(),
  growth: growth('moderate', { documentBytes: 300, documentsPerDay: 300 }),
  traits: ['variable-schema'],
  indexes: [
    {
      key: { user_id: 1, kind: 1, entity_type: 1, entity_id: 1 },
      unique: true,
      serves: 'findFavorite',
    },
    { key: { user_id: 1, kind: 1, last_used_at: -1 }, serves: 'listFavorites' },
    { key: { entity_type: 1, entity_id: 1 }, serves: 'listFavoritesOfEntity' },
  ],
  shardKey: { user_id: 1 },
})
export class UserFavorite {
  @prop({ type: String, required: true, maxlength: 200 })
  user_id!: string;

  @prop({ type: String, required: true, enum: favoriteKinds })
  kind!: FavoriteKind;

  @prop({ type: String, required: true, maxlength: 100 })
  entity_type!: string;

  @prop({ type: String, required: true, maxlength: 200 })
  entity_id!: string;

  /** Scopes of the entity; the favourite is listed while the user holds one of them. */
  @prop({ type: [String], default: undefined })
  scopes?: string[];

  @prop({ type: String, required: true, maxlength: 2_000 })
  title!: string;

  @prop({ type: String, maxlength: 8_000 })
  note?: string;

  /** The user's own order of pinned things, from 0. */
  @prop({ type: Number, min: 0 })
  position?: number;

  /** How often it was put. */
  @prop({ type: Number, required: true, min: 1, default: 1 })
  use_count!: number;

  @prop({ type: Date, required: true })
  last_used_at!: Date;

  @prop({ type: Date, required: true })
  created_at!: Date;
}
