import 'reflect-metadata';
import { Collection, days, expiresAfter, growth } from '@infratraq/kernel';
import { prop } from '@typegoose/typegoose';

/** What instant search knows about one entity. */
@Collection<SearchIndexCache>({
  name: 'search_index_cache',
  purpose: 'Full-text search index for instant search',
  time: 'indexed_at',
  retention: expiresAfter(days(7)),
  archive: 'never',
  growth: growth('moderate', { documentBytes: 1_500, documentsPerDay: 20_000 }),
  traits: ['nested-fields', 'variable-schema'],
  indexes: [
    { key: { entity_type: 1, entity_id: 1 }, unique: true, serves: 'findIndexedEntity' },
    {
      key: { title: 'text', keywords: 'text', body: 'text' },
      weights: { title: 10, keywords: 5, body: 1 },
      serves: 'searchText',
    },
    { key: { suggest_terms: 1 }, serves: 'suggestEntities' },
  ],
  shardKey: { entity_type: 1, entity_id: 1 },
})
export class SearchIndexCache {
  @prop({ type: String, required: true, maxlength: 100 })
  entity_type!: string;

  @prop({ type: String, required: true, maxlength: 200 })
  entity_id!: string;

  @prop({ type: String, required: true, maxlength: 500 })
  title!: string;

  @prop({ type: String, maxlength: 500 })
  subtitle?: string;

  @prop({ type: String, maxlength: 100_000 })
  body?: string;

  @prop({ type: [String], required: true, default: [] })
  keywords!: string[];

  /** Lower-case beginnings that instant search offers: the title, its words, codes and numbers. */
  @prop({ type: [String], required: true, default: [] })
  suggest_terms!: string[];

  /** Scopes of the entity; whoever holds one of them finds it. */
  @prop({ type: [String], default: undefined })
  scopes?: string[];

  /** Where the entity is shown. */
  @prop({ type: String, maxlength: 2_000 })
  url?: string;

  /** Position in the write-ahead log that this entry reflects; an older one never overwrites it. */
  @prop({ type: String })
  source_lsn?: string;

  /** When the entity itself last changed. */
  @prop({ type: Date })
  changed_at?: Date;

  @prop({ type: Date, required: true })
  indexed_at!: Date;
}
