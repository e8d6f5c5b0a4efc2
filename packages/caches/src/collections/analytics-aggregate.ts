import 'reflect-metadata';
import { Collection, days, expiresAfter, growth } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

/** Lengths of a rollup's period. */
export const granularities = ['daily', 'weekly', 'monthly'] as const;
export type Granularity = (typeof granularities)[number];

/** Percentiles of the values in a period. */
@modelOptions({ schemaOptions: { _id: false } })
export class Percentiles {
  @prop({ type: Number, required: true })
  p50!: number;

  @prop({ type: Number, required: true })
  p95!: number;

  @prop({ type: Number, required: true })
  p99!: number;
}

/** One metric rolled up over one period, for one combination of dimensions. */
@Collection<AnalyticsAggregate>({
  name: 'analytics_aggregate',
  purpose: 'Pre-computed rollups (daily, weekly, monthly)',
  time: 'computed_at',
  retention: expiresAfter(days(30)),
  archive: 'never',
  growth: growth('moderate', { documentBytes: 400, documentsPerDay: 20_000 }),
  traits: ['variable-schema', 'nested-fields'],
  indexes: [
    {
      key: { metric: 1, granularity: 1, dimensions_hash: 1, period_start: 1 },
      unique: true,
      serves: 'listAggregates',
    },
    { key: { metric: 1, granularity: 1, period_start: 1 }, serves: 'listAggregateBreakdown' },
    {
      key: { source_entity_types: 1, stale_since: 1 },
      partial: { source_entity_types: { $exists: true } },
      serves: 'listAggregatesOnEntityType',
    },
  ],
  shardKey: { metric: 1 },
})
@modelOptions({ schemaOptions: { minimize: false }, options: { allowMixed: Severity.ALLOW } })
export class AnalyticsAggregate {
  @prop({ type: String, required: true, maxlength: 200 })
  metric!: string;

  @prop({ type: String, required: true, enum: granularities })
  granularity!: Granularity;

  /** First moment of the period. */
  @prop({ type: Date, required: true })
  period_start!: Date;

  /** First moment after the period. */
  @prop({ type: Date, required: true })
  period_end!: Date;

  /** What the figures are broken down by; empty for the total. */
  @prop({ type: Schema.Types.Mixed, required: true })
  dimensions!: Record<string, string>;

  /** SHA-256 hex of the dimensions as JSON with sorted keys. */
  @prop({ type: String, required: true, match: /^[0-9a-f]{64}$/ })
  dimensions_hash!: string;

  @prop({ type: Number, required: true, min: 0 })
  count!: number;

  @prop({ type: Number, required: true })
  sum!: number;

  @prop({ type: Number })
  minimum?: number;

  @prop({ type: Number })
  maximum?: number;

  @prop({ type: Percentiles })
  percentiles?: Percentiles;

  @prop({ type: Number, min: 0 })
  distinct_users?: number;

  @prop({ type: String, maxlength: 40 })
  unit?: string;

  /** Collection or table that the figures were rolled up from. */
  @prop({ type: String, required: true })
  source!: string;

  /** False while the period is still running. */
  @prop({ type: Boolean, required: true, default: false })
  is_complete!: boolean;

  /** Kinds of entity that the figures were computed from; a change of one makes them stale. */
  @prop({ type: [String], default: undefined })
  source_entity_types?: string[];

  /** A change since then is not in the figures. */
  @prop({ type: Date })
  stale_since?: Date;

  @prop({ type: Date, required: true })
  computed_at!: Date;
}
