import 'reflect-metadata';
import { Collection, days, expiresAfter, growth } from '@infratraq/kernel';
import { modelOptions, prop } from '@typegoose/typegoose';

/** Uses by the surface that they came through. */
@modelOptions({ schemaOptions: { _id: false } })
export class FeatureUses {
  @prop({ type: Number, required: true, min: 0, default: 0 })
  web!: number;

  @prop({ type: Number, required: true, min: 0, default: 0 })
  mobile!: number;

  @prop({ type: Number, required: true, min: 0, default: 0 })
  api!: number;
}

/** How often one person used one feature on one day. */
@Collection<FeatureUsageMetric>({
  name: 'feature_usage_metric',
  purpose: 'Feature adoption tracking per user and module',
  time: 'day',
  retention: expiresAfter(days(365)),
  archive: 'before-expiry',
  growth: growth('moderate', { documentBytes: 300, documentsPerDay: 6_000 }),
  traits: ['nested-fields'],
  indexes: [
    { key: { user_id: 1, feature: 1, day: 1 }, unique: true, serves: 'findFeatureUsage' },
    { key: { feature: 1, day: -1 }, serves: 'listUsageOfFeature' },
    { key: { module: 1, day: -1 }, serves: 'listUsageOfModule' },
  ],
  shardKey: { user_id: 1 },
})
export class FeatureUsageMetric {
  @prop({ type: String, required: true, maxlength: 200 })
  user_id!: string;

  /** The part of the application (`contracts`, `inspections`). */
  @prop({ type: String, required: true, maxlength: 100 })
  module!: string;

  /** The feature's stable name within the product (`contracts.export`). */
  @prop({ type: String, required: true, maxlength: 200 })
  feature!: string;

  /** Midnight UTC at which the day begins. */
  @prop({
    type: Date,
    required: true,
    validate: { validator: (day: Date) => day.getTime() % 86_400_000 === 0, message: 'is not midnight UTC' },
  })
  day!: Date;

  @prop({ type: Number, required: true, min: 1 })
  count!: number;

  @prop({ type: () => FeatureUses, required: true })
  uses!: FeatureUses;

  /** Time spent in the feature, in milliseconds. */
  @prop({ type: Number, required: true, min: 0 })
  duration_ms!: number;

  @prop({ type: Date, required: true })
  first_used_at!: Date;

  @prop({ type: Date, required: true })
  last_used_at!: Date;
}
