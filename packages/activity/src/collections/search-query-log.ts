import 'reflect-metadata';
import { Collection, days, expiresAfter, growth } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

/** Where somebody searched from. */
export const searchSources = ['search', 'suggestion', 'assistant', 'report', 'api'] as const;
export type SearchSource = (typeof searchSources)[number];

/** A result that was opened. */
@modelOptions({ schemaOptions: { _id: false } })
export class SearchClick {
  @prop({ type: String, required: true, maxlength: 200 })
  entity_type!: string;

  @prop({ type: String, required: true, maxlength: 1_000 })
  entity_id!: string;

  /** Place in the results, from 1. */
  @prop({ type: Number, required: true, min: 1 })
  rank!: number;

  @prop({ type: Date, required: true })
  clicked_at!: Date;
}

/** One search: what was asked, what was found, what was opened. */
@Collection<SearchQueryLog>({
  name: 'search_query_log',
  purpose: 'Search terms, filters, results count and click-through',
  time: 'searched_at',
  retention: expiresAfter(days(90)),
  archive: 'never',
  growth: growth('moderate', { documentBytes: 500, documentsPerDay: 8_000 }),
  traits: ['variable-schema', 'nested-fields'],
  indexes: [
    { key: { user_id: 1, searched_at: -1 }, serves: 'listSearchesOfUser' },
    { key: { normalized_terms: 1, searched_at: -1 }, serves: 'listSearchesForTerms' },
    {
      key: { results_count: 1, searched_at: -1 },
      partial: { results_count: 0 },
      serves: 'listSearchesWithoutResults',
    },
  ],
  shardKey: { user_id: 'hashed' },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class SearchQueryLog {
  @prop({ type: Date, required: true })
  searched_at!: Date;

  @prop({ type: String, required: true, maxlength: 200 })
  user_id!: string;

  @prop({ type: String, maxlength: 200 })
  session_id?: string;

  @prop({ type: String, required: true, enum: searchSources })
  source!: SearchSource;

  /** As they were typed. */
  @prop({ type: String, required: true, maxlength: 1_000 })
  terms!: string;

  /** In lower case, with single spaces, so that equal searches meet. */
  @prop({ type: String, required: true, maxlength: 1_000 })
  normalized_terms!: string;

  /** The entity types that were searched; empty for all. */
  @prop({ type: [String], required: true })
  entity_types!: string[];

  @prop({ type: Schema.Types.Mixed })
  filters?: Record<string, unknown>;

  @prop({ type: Number, required: true, min: 0 })
  results_count!: number;

  /** Counted from 1. */
  @prop({ type: Number, min: 1 })
  page?: number;

  @prop({ type: Number, required: true, min: 0 })
  duration_ms!: number;

  @prop({ type: () => [SearchClick], required: true, _id: false })
  clicks!: SearchClick[];

  @prop({ type: String, maxlength: 200 })
  cause_id?: string;
}
