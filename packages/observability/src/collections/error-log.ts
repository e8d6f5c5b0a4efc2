import 'reflect-metadata';
import { Collection, days, expiresAfter, growth, Redact } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';
import { ErrorDescription } from './error-description.js';

export const errorLevels = ['warning', 'error', 'fatal'] as const;
export type ErrorLevel = (typeof errorLevels)[number];

/** The request that an error happened in. */
@modelOptions({ schemaOptions: { _id: false } })
export class ErrorRequest {
  @prop({ type: String, maxlength: 200 })
  request_id?: string;

  @prop({ type: String, required: true, maxlength: 32 })
  method!: string;

  @prop({ type: String, required: true, maxlength: 500 })
  route!: string;

  @prop({ type: Number, min: 100, max: 599 })
  status?: number;
}

/** One error, with its stack trace, what led to it, and what was going on. */
@Collection<ErrorLog>({
  name: 'error_log',
  purpose: 'Structured error logs with stack traces and context',
  time: 'occurred_at',
  retention: expiresAfter(days(90)),
  archive: 'never',
  growth: growth('moderate', { documentBytes: 3_000, documentsPerDay: 5_000 }),
  traits: ['append-only', 'variable-schema', 'flexible-payload'],
  indexes: [
    { key: { fingerprint: 1, occurred_at: -1 }, serves: 'listErrorsOfKind' },
    { key: { service: 1, level: 1, occurred_at: -1 }, serves: 'listErrorsOfService' },
    {
      key: { cause_id: 1, occurred_at: 1 },
      partial: { cause_id: { $exists: true } },
      serves: 'listErrorsOfCause',
    },
  ],
  shardKey: { _id: 'hashed' },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class ErrorLog {
  @prop({ type: Date, required: true })
  occurred_at!: Date;

  @prop({ type: String, required: true, enum: errorLevels })
  level!: ErrorLevel;

  @prop({ type: String, required: true, maxlength: 100 })
  service!: string;

  /** The version of the product that failed. */
  @prop({ type: String, maxlength: 100 })
  release?: string;

  @prop({ type: String, required: true, maxlength: 200 })
  host!: string;

  @prop({ type: () => ErrorDescription, required: true })
  error!: ErrorDescription;

  /** What led to the error, nearest first. */
  @prop({ type: () => [ErrorDescription], required: true, _id: false })
  causes!: ErrorDescription[];

  /** Equal for errors of the same kind from the same place; hexadecimal. */
  @prop({ type: String, required: true, match: /^[0-9a-f]{32}$/ })
  fingerprint!: string;

  @Redact('secrets')
  @prop({ type: Schema.Types.Mixed })
  context?: Record<string, unknown>;

  @prop({ type: () => ErrorRequest })
  request?: ErrorRequest;

  @prop({ type: String, maxlength: 200 })
  entity_type?: string;

  @prop({ type: String, maxlength: 1_000 })
  entity_id?: string;

  @prop({ type: String, maxlength: 200 })
  user_id?: string;

  @prop({ type: String, maxlength: 200 })
  cause_id?: string;
}
