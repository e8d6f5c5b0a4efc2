import 'reflect-metadata';
import { Collection, days, expiresAfter, growth, Redact } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema } from 'mongoose';

/** The part of the product that could not deal with the event. */
export const deadLetterOrigins = [
  'ingest',
  'capture',
  'webhook',
  'notification',
  'integration',
  'job',
  'mail',
  'file',
] as const;
export type DeadLetterOrigin = (typeof deadLetterOrigins)[number];

export const deadLetterStates = ['open', 'replayed', 'discarded'] as const;
export type DeadLetterState = (typeof deadLetterStates)[number];

/** Why the event could not be dealt with. */
@modelOptions({ schemaOptions: { _id: false } })
export class DeadLetterReason {
  /** The error's stable code. */
  @prop({ type: String, required: true, maxlength: 200 })
  code!: string;

  @Redact('secrets')
  @prop({ type: String, required: true, maxlength: 4_000 })
  message!: string;

  /** The fields that were refused. */
  @prop({ type: [String], default: undefined })
  fields?: string[];
}

/** How a dead letter was settled, and by whom. */
@modelOptions({ schemaOptions: { _id: false } })
export class DeadLetterResolution {
  @prop({ type: Date, required: true })
  resolved_at!: Date;

  @prop({ type: String, required: true, maxlength: 200 })
  resolved_by!: string;

  @prop({ type: String, maxlength: 2_000 })
  note?: string;
}

/** One event that could not be delivered, ingested or captured, kept until somebody replays or discards it. */
@Collection<DeadLetterEvent>({
  name: 'dead_letter_event',
  purpose: 'What could not be delivered, ingested or captured, with its reason, replayable',
  time: 'created_at',
  retention: expiresAfter(days(90)),
  archive: 'before-expiry',
  durability: 'journal-first',
  growth: growth('low', { documentBytes: 3_000, documentsPerDay: 200 }),
  traits: ['variable-schema', 'flexible-payload'],
  indexes: [
    { key: { state: 1, created_at: 1 }, serves: 'listDeadLetters' },
    { key: { target: 1, state: 1, created_at: 1 }, serves: 'listDeadLettersOfTarget' },
    {
      key: { cause_id: 1, created_at: 1 },
      partial: { cause_id: { $exists: true } },
      serves: 'listDeadLettersOfCause',
    },
  ],
  shardKey: { _id: 'hashed' },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class DeadLetterEvent {
  @prop({ type: Date, required: true })
  created_at!: Date;

  @prop({ type: String, required: true, enum: deadLetterOrigins })
  origin!: DeadLetterOrigin;

  /** Where the event was to go: a collection's name, a webhook endpoint, a provider, a queue. */
  @prop({ type: String, required: true, maxlength: 300 })
  target!: string;

  @prop({ type: () => DeadLetterReason, required: true })
  reason!: DeadLetterReason;

  /** The event itself; absent when it could not even be kept (too large, not representable). */
  @prop({ type: Schema.Types.Mixed })
  payload?: unknown;

  /** Size of the event in bytes, where it is known. */
  @prop({ type: Number, min: 0 })
  payload_bytes?: number;

  @prop({ type: Number, required: true, min: 0 })
  attempts!: number;

  @prop({ type: Date })
  last_attempt_at?: Date;

  @prop({ type: String, required: true, enum: deadLetterStates })
  state!: DeadLetterState;

  /** Whether replaying can succeed without the event being changed first. */
  @prop({ type: Boolean, required: true })
  replayable!: boolean;

  @prop({ type: () => DeadLetterResolution })
  resolution?: DeadLetterResolution;

  /** Where in its source the event stands (a position in the write-ahead log, a message id). */
  @prop({ type: String, maxlength: 500 })
  source_position?: string;

  @prop({ type: String, maxlength: 200 })
  entity_type?: string;

  @prop({ type: String, maxlength: 1_000 })
  entity_id?: string;

  @prop({ type: String, maxlength: 200 })
  user_id?: string;

  @prop({ type: String, maxlength: 200 })
  cause_id?: string;
}
