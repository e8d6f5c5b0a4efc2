import 'reflect-metadata';
import { between, Collection, days, growth, Redact } from '@infratraq/kernel';
import { modelOptions, prop } from '@typegoose/typegoose';
import { requestDirections, type RequestDirection } from './api-request-log.js';
import { HttpMessage } from './http-message.js';

/** How an attempt ended; `abandoned` is a failure after which none follows. */
export const webhookOutcomes = ['delivered', 'failed', 'abandoned', 'rejected'] as const;
export type WebhookOutcome = (typeof webhookOutcomes)[number];

/** Why an attempt failed. */
@modelOptions({ schemaOptions: { _id: false } })
export class WebhookFailure {
  @prop({ type: String, required: true, maxlength: 200 })
  code!: string;

  @Redact('secrets')
  @prop({ type: String, required: true, maxlength: 2_000 })
  message!: string;
}

/** One attempt to deliver one event to one endpoint, or one call that a provider made to us. */
@Collection<WebhookEventLog>({
  name: 'webhook_event_log',
  purpose: 'Webhook delivery attempts and responses',
  time: 'created_at',
  retention: between(days(30), days(90)),
  archive: 'never',
  growth: growth('high', { documentBytes: 3_000, documentsPerDay: 20_000 }),
  traits: ['append-only', 'variable-schema', 'nested-fields'],
  indexes: [
    { key: { endpoint_id: 1, event_id: 1, attempt: 1 }, unique: true, serves: 'listAttemptsOfEvent' },
    { key: { endpoint_id: 1, created_at: -1 }, serves: 'listWebhookEventsOfEndpoint' },
    { key: { outcome: 1, created_at: -1 }, serves: 'listWebhookEventsByOutcome' },
    {
      key: { cause_id: 1, created_at: 1 },
      partial: { cause_id: { $exists: true } },
      serves: 'listWebhookEventsOfCause',
    },
  ],
  shardKey: { endpoint_id: 1 },
})
export class WebhookEventLog {
  @prop({ type: Date, required: true })
  created_at!: Date;

  @prop({ type: Date })
  expires_at?: Date;

  @prop({ type: String, required: true, enum: requestDirections })
  direction!: RequestDirection;

  /** The endpoint in PostgreSQL; for an inbound call, the provider's name. */
  @prop({ type: String, required: true, maxlength: 200 })
  endpoint_id!: string;

  /** One id for all attempts to deliver an event; for an inbound call, the provider's id of it. */
  @prop({ type: String, required: true, maxlength: 200 })
  event_id!: string;

  /** What happened, as noun:past-verb (`project:updated`). */
  @prop({ type: String, required: true, maxlength: 200 })
  event_type!: string;

  /** Counted from 1. */
  @prop({ type: Number, required: true, min: 1, max: 1_000 })
  attempt!: number;

  @prop({ type: String, required: true, enum: webhookOutcomes })
  outcome!: WebhookOutcome;

  /** Where it was sent, without its query. */
  @Redact('secrets')
  @prop({ type: String, required: true, maxlength: 2_000 })
  url!: string;

  /** Absent when no response came. */
  @prop({ type: Number, min: 100, max: 599 })
  status?: number;

  @prop({ type: Number, required: true, min: 0 })
  duration_ms!: number;

  /** The signing key that was used; never the key itself. */
  @prop({ type: String, maxlength: 200 })
  signature_key_id?: string;

  /** Whether an inbound call's signature was found right. */
  @prop({ type: Boolean })
  signature_valid?: boolean;

  @prop({ type: () => HttpMessage, required: true })
  request!: HttpMessage;

  @prop({ type: () => HttpMessage })
  response?: HttpMessage;

  @prop({ type: () => WebhookFailure })
  failure?: WebhookFailure;

  /** When the next attempt is due; absent when none follows. */
  @prop({ type: Date })
  next_attempt_at?: Date;

  @prop({ type: String, maxlength: 200 })
  entity_type?: string;

  @prop({ type: String, maxlength: 1_000 })
  entity_id?: string;

  @prop({ type: String, maxlength: 200 })
  cause_id?: string;
}
