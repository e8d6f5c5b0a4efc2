import 'reflect-metadata';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

/** What an alert watches. */
export const alertKinds = ['metric', 'entity'] as const;
export type AlertKind = (typeof alertKinds)[number];

/** Collections that metric values are read from. */
export const metricSources = ['performance_metric', 'analytics_aggregate'] as const;
export type MetricSource = (typeof metricSources)[number];

/** What of a measured window an alert can compare. */
export const performanceStatistics = [
  ...(['count', 'error_count', 'error_rate', 'throughput_per_second'] as const),
  ...(['minimum_ms', 'mean_ms', 'p50_ms', 'p95_ms', 'p99_ms', 'maximum_ms'] as const),
] as const;
/** What of a rollup an alert can compare. */
export const aggregateStatistics = [
  ...(['count', 'sum', 'minimum', 'maximum', 'p50', 'p95', 'p99', 'distinct_users'] as const),
] as const;
export type MetricStatistic = (typeof performanceStatistics)[number] | (typeof aggregateStatistics)[number];

/** Lengths of a rollup's period. */
export const metricGranularities = ['daily', 'weekly', 'monthly'] as const;
export type MetricGranularity = (typeof metricGranularities)[number];

export const alertOperators = ['gt', 'gte', 'lt', 'lte', 'eq', 'ne', 'changed'] as const;
export type AlertOperator = (typeof alertOperators)[number];

export const alertSeverities = ['info', 'warning', 'critical'] as const;
export type AlertSeverity = (typeof alertSeverities)[number];

/** What an alert tells of. */
export const alertEvents = ['fired', 'cleared'] as const;
export type AlertEvent = (typeof alertEvents)[number];

/** Pending: the condition holds, but not yet for long enough. */
export const alertStatuses = ['ok', 'pending', 'firing'] as const;
export type AlertStatus = (typeof alertStatuses)[number];

/** What nothing recent being known of a metric means: the alert stays as it is, or it is well, or it is not. */
export const missingDataPolicies = ['keep', 'ok', 'alert'] as const;
export type MissingDataPolicy = (typeof missingDataPolicies)[number];

/** A value that an alert compares; null is a column without one. */
export type AlertValue = number | string | boolean | null;

/** When an alert fires, and when it clears again. */
@modelOptions({ schemaOptions: { _id: false }, options: { allowMixed: Severity.ALLOW } })
export class AlertCondition {
  @prop({ type: String, required: true, enum: alertOperators })
  operator!: AlertOperator;

  /** Compared with the value; absent for `changed`. */
  @prop({ type: Schema.Types.Mixed })
  threshold?: number | string | boolean;

  /** Hysteresis: a firing alert clears only once the value has come back past this. */
  @prop({ type: Number })
  clear_threshold?: number;

  /** How long the condition must hold before the alert fires. */
  @prop({ type: Number, required: true, min: 0, max: 604_800, default: 0 })
  for_seconds!: number;

  /** How long the alert stays silent after it has fired. */
  @prop({ type: Number, required: true, min: 0, max: 2_592_000, default: 0 })
  cool_down_seconds!: number;

  @prop({ type: String, required: true, enum: missingDataPolicies, default: 'keep' })
  missing_data!: MissingDataPolicy;
}

/** Where an alert stands; only the evaluator writes it. */
@modelOptions({ schemaOptions: { _id: false }, options: { allowMixed: Severity.ALLOW } })
export class AlertState {
  @prop({ type: String, required: true, enum: alertStatuses, default: 'ok' })
  status!: AlertStatus;

  /** When the status began. */
  @prop({ type: Date, required: true })
  since!: Date;

  @prop({ type: Schema.Types.Mixed })
  last_value?: AlertValue;

  @prop({ type: Date })
  last_evaluated_at?: Date;

  @prop({ type: Date })
  last_fired_at?: Date;

  @prop({ type: Date })
  last_cleared_at?: Date;

  /** Numbers the firings; it never begins anew. */
  @prop({ type: Number, required: true, min: 0, default: 0 })
  fired_count!: number;
}

/** Where one entity stands of an alert that watches every entity of a type. */
@modelOptions({ schemaOptions: { _id: false }, options: { allowMixed: Severity.ALLOW } })
export class EntityAlertState extends AlertState {
  @prop({ type: String, required: true, maxlength: 200 })
  entity_id!: string;
}

/** A notification that is promised and not yet handed over. */
@modelOptions({ schemaOptions: { _id: false }, options: { allowMixed: Severity.ALLOW } })
export class AlertNotice {
  @prop({ type: String, required: true, enum: alertEvents })
  event!: AlertEvent;

  /** Which firing it tells of. */
  @prop({ type: Number, required: true, min: 1 })
  number!: number;

  @prop({ type: Date, required: true })
  at!: Date;

  @prop({ type: Schema.Types.Mixed })
  value?: AlertValue;

  @prop({ type: String, maxlength: 200 })
  entity_id?: string;
}

/** What the evaluator keeps for itself. */
@modelOptions({ schemaOptions: { _id: false } })
export class AlertEvaluation {
  /** Counts the evaluator's writes: of several that have read one state, one writes the next. */
  @prop({ type: Number, required: true, min: 0, default: 0 })
  revision!: number;

  /** When it is to be looked at without anything having changed. */
  @prop({ type: Date })
  due_at?: Date;

  /** The last change of a row that was looked at; changes may come again. */
  @prop({ type: String, maxlength: 200 })
  last_change_id?: string;

  /** Written with the state that they tell of, and removed once they are handed over. */
  @prop({ type: [AlertNotice], required: true, default: [] })
  notices!: AlertNotice[];
}
