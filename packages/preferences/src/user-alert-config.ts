import 'reflect-metadata';
import {
  Collection,
  growth,
  notificationChannels,
  permanent,
  type NotificationChannel,
} from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

/** What an alert watches. */
export const alertKinds = ['metric', 'entity'] as const;
export type AlertKind = (typeof alertKinds)[number];

/** Collections that metric values are read from. */
export const metricSources = ['performance_metric', 'analytics_aggregate'] as const;
export type MetricSource = (typeof metricSources)[number];

export const alertOperators = ['gt', 'gte', 'lt', 'lte', 'eq', 'ne', 'changed'] as const;
export type AlertOperator = (typeof alertOperators)[number];

export const alertSeverities = ['info', 'warning', 'critical'] as const;
export type AlertSeverity = (typeof alertSeverities)[number];

/** Pending: the condition holds, but not yet for long enough. */
export const alertStatuses = ['ok', 'pending', 'firing'] as const;
export type AlertStatus = (typeof alertStatuses)[number];

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
}

/** Where the evaluation of an alert stands; only the evaluator writes it. */
@modelOptions({ schemaOptions: { _id: false }, options: { allowMixed: Severity.ALLOW } })
export class AlertState {
  @prop({ type: String, required: true, enum: alertStatuses, default: 'ok' })
  status!: AlertStatus;

  /** When the status began. */
  @prop({ type: Date, required: true })
  since!: Date;

  @prop({ type: Schema.Types.Mixed })
  last_value?: number | string | boolean | null;

  @prop({ type: Date })
  last_evaluated_at?: Date;

  @prop({ type: Date })
  last_fired_at?: Date;

  @prop({ type: Date })
  last_cleared_at?: Date;

  @prop({ type: Number, required: true, min: 0, default: 0 })
  fired_count!: number;
}

/** One alert that a user has configured, on a metric or on an entity's field. */
@Collection<UserAlertConfig>({
  name: 'user_alert_config',
  purpose: 'Custom alert thresholds and notification preferences',
  retention: permanent(),
  growth: growth('low', { documentBytes: 900, documentsPerDay: 10 }),
  traits: ['variable-schema', 'nested-fields'],
  indexes: [
    { key: { user_id: 1, name: 1 }, unique: true, serves: 'listAlertConfigs' },
    { key: { metric: 1 }, partial: { enabled: true, kind: 'metric' }, serves: 'listMetricAlerts' },
    {
      key: { entity_type: 1, entity_id: 1 },
      partial: { enabled: true, kind: 'entity' },
      serves: 'listEntityAlerts',
    },
  ],
  shardKey: { user_id: 1 },
})
@modelOptions({ schemaOptions: { minimize: false }, options: { allowMixed: Severity.ALLOW } })
export class UserAlertConfig {
  @prop({ type: String, required: true, maxlength: 200 })
  user_id!: string;

  @prop({ type: String, required: true, maxlength: 200 })
  name!: string;

  @prop({ type: Boolean, required: true, default: true })
  enabled!: boolean;

  @prop({ type: String, required: true, enum: alertKinds })
  kind!: AlertKind;

  @prop({ type: String, maxlength: 200 })
  metric?: string;

  @prop({ type: String, enum: metricSources })
  metric_source?: MetricSource;

  /** Narrows a metric to one combination of its dimensions. */
  @prop({ type: Schema.Types.Mixed })
  dimensions?: Record<string, string>;

  @prop({ type: String, maxlength: 100 })
  entity_type?: string;

  /** Absent: every entity of the type. */
  @prop({ type: String, maxlength: 200 })
  entity_id?: string;

  /** Field of the entity that is compared. */
  @prop({ type: String, maxlength: 200 })
  field?: string;

  @prop({ type: AlertCondition, required: true })
  condition!: AlertCondition;

  @prop({ type: String, required: true, enum: alertSeverities })
  severity!: AlertSeverity;

  @prop({ type: [String], required: true, enum: notificationChannels })
  channels!: NotificationChannel[];

  @prop({ type: AlertState, required: true })
  state!: AlertState;

  /** Counts the user's writes from 1; the evaluator's do not count. */
  @prop({ type: Number, required: true, min: 1 })
  version!: number;

  @prop({ type: Date, required: true })
  created_at!: Date;

  @prop({ type: Date, required: true })
  updated_at!: Date;
}
