import 'reflect-metadata';
import { Collection, days, expiresAfter, growth } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

export const healthSubjects = [
  'cpu',
  'memory',
  'disk',
  'network',
  'service',
  'database',
  'replication',
  'collection',
  'queue',
] as const;
export type HealthSubject = (typeof healthSubjects)[number];

export const healthSeverities = ['information', 'warning', 'critical'] as const;
export type HealthSeverity = (typeof healthSeverities)[number];

export const healthStatuses = ['healthy', 'degraded', 'down'] as const;
export type HealthStatus = (typeof healthStatuses)[number];

/** The value that a check found, and the limit that it was held against. */
@modelOptions({ schemaOptions: { _id: false } })
export class HealthMeasurement {
  @prop({ type: Number, required: true })
  value!: number;

  /** `percent`, `bytes`, `milliseconds`, `count`. */
  @prop({ type: String, required: true, maxlength: 50 })
  unit!: string;

  @prop({ type: Number })
  threshold?: number;
}

/** One finding about the health of a machine, a service or a database. */
@Collection<SystemHealthEvent>({
  name: 'system_health_event',
  purpose: 'CPU, memory and disk alerts, and service health checks',
  time: 'occurred_at',
  retention: expiresAfter(days(30)),
  archive: 'never',
  growth: growth('moderate', { documentBytes: 500, documentsPerDay: 10_000 }),
  traits: ['append-only', 'variable-schema', 'nested-fields'],
  indexes: [
    { key: { service: 1, check: 1, occurred_at: -1 }, serves: 'listHealthOfCheck' },
    { key: { severity: 1, occurred_at: -1 }, serves: 'listHealthBySeverity' },
  ],
  shardKey: { _id: 'hashed' },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class SystemHealthEvent {
  @prop({ type: Date, required: true })
  occurred_at!: Date;

  @prop({ type: String, required: true, enum: healthSubjects })
  subject!: HealthSubject;

  @prop({ type: String, required: true, enum: healthSeverities })
  severity!: HealthSeverity;

  @prop({ type: String, required: true, enum: healthStatuses })
  status!: HealthStatus;

  @prop({ type: String, required: true, maxlength: 100 })
  service!: string;

  /** The check's stable name (`postgresql.replication-lag`). */
  @prop({ type: String, required: true, maxlength: 200 })
  check!: string;

  @prop({ type: String, required: true, maxlength: 200 })
  host!: string;

  @prop({ type: () => HealthMeasurement })
  measurement?: HealthMeasurement;

  @prop({ type: String, required: true, maxlength: 2_000 })
  message!: string;

  @prop({ type: Schema.Types.Mixed })
  details?: Record<string, unknown>;

  @prop({ type: String, maxlength: 200 })
  cause_id?: string;
}
