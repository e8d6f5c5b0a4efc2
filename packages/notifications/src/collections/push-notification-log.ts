import 'reflect-metadata';
import { Collection, days, expiresAfter, growth, Redact } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema, type Types } from 'mongoose';

/** Kinds of devices that take pushes. */
export const pushPlatforms = ['web', 'android', 'ios'] as const;
export type PushPlatform = (typeof pushPlatforms)[number];

/** What the push service said; `gone` means that the token or subscription is to be removed. */
export const pushOutcomes = ['accepted', 'rejected', 'gone', 'throttled', 'unreachable'] as const;
export type PushOutcome = (typeof pushOutcomes)[number];

/** The device that a push was for, as it was at that time. */
@modelOptions({ schemaOptions: { _id: false } })
export class PushDevice {
  @prop({ type: String, required: true, maxlength: 200 })
  device_id!: string;

  @prop({ type: String, required: true, enum: pushPlatforms })
  platform!: PushPlatform;

  /** Hexadecimal SHA-256 of the token or endpoint; the token itself lets anybody send and is not logged. */
  @prop({ type: String, required: true, match: /^[0-9a-f]{64}$/ })
  token_sha256!: string;

  /** Host of a web push endpoint. */
  @prop({ type: String, maxlength: 255 })
  endpoint_host?: string;

  @prop({ type: String, maxlength: 200 })
  model?: string;

  @prop({ type: String, maxlength: 50 })
  os_version?: string;

  @prop({ type: String, maxlength: 50 })
  app_version?: string;
}

/** One try to push to one device, with the push service's answer. */
@Collection<PushNotificationLog>({
  name: 'push_notification_log',
  purpose: 'Mobile and web push delivery with device and token details',
  time: 'sent_at',
  retention: expiresAfter(days(90)),
  archive: 'never',
  growth: growth('high', { documentBytes: 800, documentsPerDay: 12_000 }),
  traits: ['append-only', 'nested-fields', 'flexible-payload'],
  indexes: [
    {
      key: { delivery_id: 1, 'device.device_id': 1, attempt: 1 },
      unique: true,
      serves: 'listPushesOfDelivery',
    },
    { key: { user_id: 1, sent_at: -1 }, serves: 'listPushesToUser' },
    { key: { 'device.token_sha256': 1, sent_at: -1 }, serves: 'listPushesToToken' },
    {
      key: { provider: 1, provider_message_id: 1 },
      partial: { provider_message_id: { $exists: true } },
      serves: 'findPushByProviderMessage',
    },
    {
      key: { provider: 1, error_code: 1, sent_at: -1 },
      partial: { error_code: { $exists: true } },
      serves: 'listPushErrors',
    },
  ],
  shardKey: { delivery_id: 1 },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class PushNotificationLog {
  readonly _id!: Types.ObjectId;

  /** The `notification_delivery` that it carries out. */
  @prop({ type: String, required: true })
  delivery_id!: string;

  @prop({ type: String, required: true })
  notification_id!: string;

  @prop({ type: String, required: true })
  user_id!: string;

  @prop({ type: () => PushDevice, required: true })
  device!: PushDevice;

  /** From 1, per device. */
  @prop({ type: Number, required: true, min: 1 })
  attempt!: number;

  /** The sender's name (`web_push`, `fcm`). */
  @prop({ type: String, required: true, maxlength: 50 })
  provider!: string;

  @prop({ type: String })
  provider_message_id?: string;

  @prop({ type: String, required: true, enum: pushOutcomes })
  outcome!: PushOutcome;

  @prop({ type: Number, min: 100, max: 599 })
  http_status?: number;

  @prop({ type: String, maxlength: 200 })
  error_code?: string;

  /** The answer's body, as it was given. */
  @Redact('secrets')
  @prop({ type: Schema.Types.Mixed })
  response?: unknown;

  @prop({ type: Number, min: 0 })
  retry_after_seconds?: number;

  /** A later push with the same key replaces this one on the device. */
  @prop({ type: String, maxlength: 200 })
  collapse_key?: string;

  @prop({ type: String, enum: ['very-low', 'low', 'normal', 'high'] })
  urgency?: 'very-low' | 'low' | 'normal' | 'high';

  /** How long the push service may hold it, in seconds. */
  @prop({ type: Number, min: 0 })
  ttl_seconds?: number;

  @prop({ type: Number, required: true, min: 0 })
  payload_bytes!: number;

  @prop({ type: Number, required: true, min: 0 })
  duration_ms!: number;

  @prop({ type: Date, required: true })
  sent_at!: Date;

  @prop({ type: String })
  cause_id?: string;
}
