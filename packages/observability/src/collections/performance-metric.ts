import 'reflect-metadata';
import { between, Collection, days, growth } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

/** How long what was measured took, in milliseconds. */
@modelOptions({ schemaOptions: { _id: false } })
export class DurationSummary {
  @prop({ type: Number, required: true, min: 0 })
  minimum_ms!: number;

  @prop({ type: Number, required: true, min: 0 })
  mean_ms!: number;

  @prop({ type: Number, required: true, min: 0 })
  p50_ms!: number;

  @prop({ type: Number, required: true, min: 0 })
  p95_ms!: number;

  @prop({ type: Number, required: true, min: 0 })
  p99_ms!: number;

  @prop({ type: Number, required: true, min: 0 })
  maximum_ms!: number;
}

/** What one process measured at one endpoint within one window of time. */
@Collection<PerformanceMetric>({
  name: 'performance_metric',
  purpose: 'Response times, throughput and error rates per endpoint',
  time: 'measured_at',
  retention: between(days(7), days(90)),
  archive: 'never',
  growth: growth('high', { documentBytes: 500, documentsPerDay: 150_000 }),
  traits: ['append-only', 'variable-schema', 'nested-fields'],
  indexes: [
    {
      key: { metric: 1, endpoint: 1, measured_at: -1, window_seconds: 1, service: 1, instance: 1 },
      unique: true,
      serves: 'listMetricOfEndpoint',
    },
    { key: { metric: 1, measured_at: -1 }, serves: 'listMetricInTime' },
  ],
  shardKey: { metric: 1, endpoint: 1 },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class PerformanceMetric {
  /** What was measured (`http.server.request`, `mongo.find`). */
  @prop({ type: String, required: true, match: /^[a-z][a-z0-9_.]{0,99}$/ })
  metric!: string;

  /** Method and route, collection, queue: whatever the metric is told apart by. */
  @prop({ type: String, required: true, maxlength: 500 })
  endpoint!: string;

  @prop({ type: String, required: true, maxlength: 100 })
  service!: string;

  /** The process that measured. */
  @prop({ type: String, required: true, maxlength: 200 })
  instance!: string;

  /** When the window began. */
  @prop({ type: Date, required: true })
  measured_at!: Date;

  @prop({ type: Date })
  expires_at?: Date;

  @prop({ type: Number, required: true, min: 1, max: 86_400 })
  window_seconds!: number;

  /** How often it happened within the window. */
  @prop({ type: Number, required: true, min: 0 })
  count!: number;

  @prop({ type: Number, required: true, min: 0 })
  error_count!: number;

  /** Share of failures, from 0 to 1. */
  @prop({ type: Number, required: true, min: 0, max: 1 })
  error_rate!: number;

  @prop({ type: Number, required: true, min: 0 })
  throughput_per_second!: number;

  /** Absent when nothing happened within the window. */
  @prop({ type: () => DurationSummary })
  duration?: DurationSummary;

  /** Whatever else tells measurements apart. */
  @prop({ type: Schema.Types.Mixed })
  labels?: Record<string, string>;
}
