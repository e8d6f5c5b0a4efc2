import 'reflect-metadata';
import { Collection, days, expiresAfter, growth, Redact } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';
import { ErrorDescription } from './error-description.js';

export const jobStates = ['running', 'completed', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];

/** One attempt to run one job. */
@Collection<BackgroundJobLog>({
  name: 'background_job_log',
  purpose: 'Job execution details: parameters, duration, output and errors',
  time: 'started_at',
  retention: expiresAfter(days(30)),
  archive: 'never',
  growth: growth('moderate', { documentBytes: 1_200, documentsPerDay: 15_000 }),
  traits: ['variable-schema', 'flexible-payload'],
  indexes: [
    { key: { job_id: 1, attempt: 1 }, unique: true, serves: 'listAttemptsOfJob' },
    { key: { job_name: 1, started_at: -1 }, serves: 'listJobsByName' },
    { key: { state: 1, started_at: -1 }, serves: 'listJobsInState' },
    {
      key: { cause_id: 1, started_at: 1 },
      partial: { cause_id: { $exists: true } },
      serves: 'listJobsOfCause',
    },
  ],
  shardKey: { job_id: 1 },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class BackgroundJobLog {
  @prop({ type: String, required: true, maxlength: 200 })
  job_id!: string;

  /** Counted from 1. */
  @prop({ type: Number, required: true, min: 1 })
  attempt!: number;

  @prop({ type: String, required: true, maxlength: 200 })
  job_name!: string;

  @prop({ type: String, required: true, maxlength: 200 })
  queue!: string;

  @prop({ type: String, required: true, enum: jobStates })
  state!: JobState;

  /** When the job was put in the queue. */
  @prop({ type: Date })
  queued_at?: Date;

  @prop({ type: Date, required: true })
  started_at!: Date;

  @prop({ type: Date })
  finished_at?: Date;

  @prop({ type: Number, min: 0 })
  duration_ms?: number;

  /** The process that ran it. */
  @prop({ type: String, required: true, maxlength: 200 })
  worker!: string;

  @Redact('secrets')
  @prop({ type: Schema.Types.Mixed })
  parameters?: Record<string, unknown>;

  @Redact('secrets')
  @prop({ type: Schema.Types.Mixed })
  output?: unknown;

  @prop({ type: () => ErrorDescription })
  failure?: ErrorDescription;

  /** Whether another attempt follows a failure. */
  @prop({ type: Boolean })
  will_retry?: boolean;

  @prop({ type: String, maxlength: 200 })
  entity_type?: string;

  @prop({ type: String, maxlength: 1_000 })
  entity_id?: string;

  @prop({ type: String, maxlength: 200 })
  user_id?: string;

  @prop({ type: String, maxlength: 200 })
  cause_id?: string;
}
