import 'reflect-metadata';
import {
  Collection,
  growth,
  notificationChannels,
  permanent,
  roles,
  type NotificationChannel,
  type Role,
} from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';
import {
  alertKinds,
  type AlertKind,
  metricSources,
  type MetricSource,
  performanceStatistics,
  aggregateStatistics,
  type MetricStatistic,
  metricGranularities,
  type MetricGranularity,
  alertSeverities,
  type AlertSeverity,
  AlertCondition,
  AlertState,
  EntityAlertState,
  AlertEvaluation,
} from './user-alert-config-parts.js';

/** One alert that a user has configured, on a metric or on an entity's field. */
@Collection<UserAlertConfig>({
  name: 'user_alert_config',
  purpose: 'Custom alert thresholds and notification preferences',
  retention: permanent(),
  growth: growth('low', { documentBytes: 900, documentsPerDay: 10 }),
  traits: ['variable-schema', 'nested-fields'],
  indexes: [
    { key: { user_id: 1, name: 1 }, unique: true, serves: 'listAlertConfigs' },
    { key: { 'evaluation.due_at': 1 }, serves: 'listDueAlerts' },
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

  @prop({ type: String, required: true, maxlength: 800 })
  name!: string;

  @prop({ type: Boolean, required: true, default: true })
  enabled!: boolean;

  @prop({ type: String, required: true, enum: alertKinds })
  kind!: AlertKind;

  @prop({ type: String, maxlength: 200 })
  metric?: string;

  @prop({ type: String, enum: metricSources })
  metric_source?: MetricSource;

  /** Absent: `p95_ms` of a measured window, `sum` of a rollup. */
  @prop({ type: String, enum: [...performanceStatistics, ...aggregateStatistics] })
  statistic?: MetricStatistic;

  /** Of rollups; absent: `daily`. */
  @prop({ type: String, enum: metricGranularities })
  granularity?: MetricGranularity;

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

  /** Those entities of an alert without `entity_id` that are not well, or were not until recently. */
  @prop({ type: [EntityAlertState], default: undefined })
  entity_states?: EntityAlertState[];

  @prop({ type: AlertEvaluation })
  evaluation?: AlertEvaluation;

  /** Counts the user's writes from 1; the evaluator's do not count. */
  @prop({ type: Number, required: true, min: 1 })
  version!: number;

  /** Roles of the owner when the alert was configured; with these it is decided whether it may still fire. */
  @prop({ type: [String], default: undefined, enum: roles })
  owner_roles?: Role[];

  @prop({ type: Date, required: true })
  created_at!: Date;

  @prop({ type: Date, required: true })
  updated_at!: Date;
}
