import 'reflect-metadata';
import { Collection, days, expiresAfter, growth, Redact } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

export const syncStates = ['running', 'succeeded', 'partial', 'failed', 'cancelled'] as const;
export type SyncState = (typeof syncStates)[number];

export const syncDirections = ['import', 'export', 'both'] as const;
export type SyncDirection = (typeof syncDirections)[number];

export const syncTriggers = ['schedule', 'manual', 'webhook', 'retry'] as const;
export type SyncTrigger = (typeof syncTriggers)[number];

/** How many records a run read, and what became of them. */
@modelOptions({ schemaOptions: { _id: false } })
export class SyncCounts {
  @prop({ type: Number, required: true, min: 0 })
  read!: number;

  @prop({ type: Number, required: true, min: 0 })
  created!: number;

  @prop({ type: Number, required: true, min: 0 })
  updated!: number;

  @prop({ type: Number, required: true, min: 0 })
  deleted!: number;

  @prop({ type: Number, required: true, min: 0 })
  unchanged!: number;

  @prop({ type: Number, required: true, min: 0 })
  failed!: number;
}

/** One record that a run could not take over. */
@modelOptions({ schemaOptions: { _id: false } })
export class SyncFailure {
  /** The record's id in the external system. */
  @prop({ type: String, maxlength: 500 })
  external_id?: string;

  @prop({ type: String, maxlength: 200 })
  entity_type?: string;

  @prop({ type: String, maxlength: 1_000 })
  entity_id?: string;

  @prop({ type: String, required: true, maxlength: 200 })
  code!: string;

  @Redact('secrets')
  @prop({ type: String, required: true, maxlength: 2_000 })
  message!: string;
}

/** A run lists this many of its failures; `counts.failed` counts them all. */
const maximumSyncFailures = 100;

/** One run of one synchronisation with an external system. */
@Collection<IntegrationSyncLog>({
  name: 'integration_sync_log',
  purpose: 'Sync job execution details per external system',
  time: 'started_at',
  retention: expiresAfter(days(90)),
  archive: 'never',
  growth: growth('moderate', { documentBytes: 2_000, documentsPerDay: 3_000 }),
  traits: ['variable-schema', 'nested-fields'],
  indexes: [
    { key: { external_system: 1, run_id: 1 }, unique: true, serves: 'findSyncRun' },
    { key: { external_system: 1, sync_name: 1, started_at: -1 }, serves: 'listRunsOfSync' },
    { key: { state: 1, started_at: -1 }, serves: 'listSyncRunsInState' },
  ],
  shardKey: { external_system: 1 },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class IntegrationSyncLog {
  @prop({ type: String, required: true, maxlength: 200 })
  external_system!: string;

  @prop({ type: String, required: true, maxlength: 200 })
  run_id!: string;

  @prop({ type: String, required: true, maxlength: 200 })
  sync_name!: string;

  @prop({ type: String, required: true, enum: syncDirections })
  direction!: SyncDirection;

  @prop({ type: String, required: true, enum: syncTriggers })
  trigger!: SyncTrigger;

  @prop({ type: String, required: true, enum: syncStates })
  state!: SyncState;

  @prop({ type: Date, required: true })
  started_at!: Date;

  @prop({ type: Date })
  finished_at?: Date;

  @prop({ type: Number, min: 0 })
  duration_ms?: number;

  @prop({ type: () => SyncCounts, required: true })
  counts!: SyncCounts;

  /** The first failures of the run, at most a hundred. */
  @prop({
    type: () => [SyncFailure],
    required: true,
    _id: false,
    validate: (failures: unknown[]) => failures.length <= maximumSyncFailures,
  })
  failures!: SyncFailure[];

  /** Where in the external system's changes the run began, as that system writes it. */
  @prop({ type: String, maxlength: 2_000 })
  cursor_before?: string;

  /** Where the next run begins. */
  @prop({ type: String, maxlength: 2_000 })
  cursor_after?: string;

  /** What the run was asked to do, in the external system's own terms. */
  @Redact('secrets')
  @prop({ type: Schema.Types.Mixed })
  parameters?: Record<string, unknown>;

  @prop({ type: String, maxlength: 200 })
  user_id?: string;

  @prop({ type: String, maxlength: 200 })
  cause_id?: string;
}
