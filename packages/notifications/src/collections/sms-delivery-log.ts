import 'reflect-metadata';
import { Collection, days, expiresAfter, growth, Redact } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema, type Types } from 'mongoose';

/** What the gateway last said about a message, in its own words' common form. */
export const smsStatuses = ['accepted', 'sending', 'sent', 'delivered', 'undelivered', 'failed'] as const;
export type SmsStatus = (typeof smsStatuses)[number];

/** One answer or callback of the gateway. */
@modelOptions({ schemaOptions: { _id: false }, options: { allowMixed: Severity.ALLOW } })
export class SmsGatewayEvent {
  @prop({ type: String, required: true, enum: smsStatuses })
  status!: SmsStatus;

  @prop({ type: Date, required: true })
  received_at!: Date;

  @prop({ type: Number, min: 100, max: 599 })
  http_status?: number;

  @prop({ type: String, maxlength: 100 })
  error_code?: string;

  @prop({ type: String, maxlength: 2_000 })
  error_message?: string;

  /** What the gateway sent, as it was. */
  @Redact('secrets')
  @prop({ type: Schema.Types.Mixed })
  payload?: unknown;
}

/** One text message handed to a gateway, and everything the gateway said about it. */
@Collection<SmsDeliveryLog>({
  name: 'sms_delivery_log',
  purpose: 'SMS gateway response tracking',
  time: 'submitted_at',
  retention: expiresAfter(days(90)),
  archive: 'before-expiry',
  growth: growth('moderate', { documentBytes: 900, documentsPerDay: 1_500 }),
  traits: ['nested-fields', 'flexible-payload'],
  indexes: [
    { key: { delivery_id: 1, attempt: 1 }, unique: true, serves: 'listSmsOfDelivery' },
    {
      key: { provider: 1, provider_message_id: 1 },
      partial: { provider_message_id: { $exists: true } },
      serves: 'findSmsByProviderMessage',
    },
    { key: { user_id: 1, submitted_at: -1 }, serves: 'listSmsToUser' },
    {
      key: { provider: 1, error_code: 1, submitted_at: -1 },
      partial: { error_code: { $exists: true } },
      serves: 'listSmsErrors',
    },
  ],
  shardKey: { delivery_id: 1 },
})
export class SmsDeliveryLog {
  readonly _id!: Types.ObjectId;

  /** The `notification_delivery` that it carries out. */
  @prop({ type: String, required: true })
  delivery_id!: string;

  @prop({ type: String, required: true })
  notification_id!: string;

  @prop({ type: String, required: true })
  user_id!: string;

  /** From 1. */
  @prop({ type: Number, required: true, min: 1 })
  attempt!: number;

  @prop({ type: String, required: true, maxlength: 50 })
  provider!: string;

  @prop({ type: String, maxlength: 100 })
  provider_message_id?: string;

  /** E.164, as `+436601234567`. */
  @prop({ type: String, required: true, match: /^\+[1-9]\d{1,14}$/ })
  to_number!: string;

  /** A number in E.164, a short code, or an alphanumeric sender. */
  @prop({ type: String, maxlength: 20 })
  from_number?: string;

  @prop({ type: String, required: true, enum: smsStatuses })
  status!: SmsStatus;

  /** Every answer and callback, in the order of arrival, which is not always theirs. */
  @prop({ type: () => [SmsGatewayEvent], required: true })
  events!: SmsGatewayEvent[];

  @prop({ type: String, enum: ['gsm7', 'ucs2'] })
  encoding?: 'gsm7' | 'ucs2';

  /** How many messages the text took on the air. */
  @prop({ type: Number, min: 1 })
  segments?: number;

  @prop({ type: Number, required: true, min: 0 })
  body_characters!: number;

  /** The last error, if any. */
  @prop({ type: String, maxlength: 100 })
  error_code?: string;

  @prop({ type: Number, min: 0 })
  retry_after_seconds?: number;

  @prop({ type: Number, min: 0 })
  duration_ms?: number;

  @prop({ type: Date, required: true })
  submitted_at!: Date;

  @prop({ type: Date })
  delivered_at?: Date;

  @prop({ type: String })
  cause_id?: string;
}
