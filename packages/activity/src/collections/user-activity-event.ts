import 'reflect-metadata';
import { between, Collection, days, growth, Redact } from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema, type Types } from 'mongoose';

export const deviceKinds = ['desktop', 'tablet', 'phone', 'other'] as const;
export type DeviceKind = (typeof deviceKinds)[number];

/** Where in the application something was done. */
@modelOptions({ schemaOptions: { _id: false } })
export class ActivityPage {
  /** The path, without query or fragment, which may carry secrets. */
  @prop({ type: String, required: true, maxlength: 2_000, match: /^[^?#]*$/ })
  path!: string;

  @prop({ type: String, maxlength: 500 })
  title?: string;

  /** The path of the page before. */
  @prop({ type: String, maxlength: 2_000, match: /^[^?#]*$/ })
  referrer?: string;
}

/** What was clicked or otherwise acted upon. */
@modelOptions({ schemaOptions: { _id: false } })
export class ActivityElement {
  @prop({ type: String, required: true, maxlength: 200 })
  id!: string;

  @prop({ type: String, maxlength: 500 })
  label?: string;
}

/** What the person used. */
@modelOptions({ schemaOptions: { _id: false } })
export class ActivityDevice {
  @prop({ type: String, required: true, enum: deviceKinds })
  kind!: DeviceKind;

  /** A keyed digest: devices can be told apart; `kind` says what they are. */
  @Redact('hash')
  @prop({ type: String, maxlength: 500 })
  user_agent?: string;

  /** In CSS pixels. */
  @prop({ type: Number, min: 0, max: 100_000 })
  viewport_width?: number;

  /** In CSS pixels. */
  @prop({ type: Number, min: 0, max: 100_000 })
  viewport_height?: number;
}

/** One thing that a person did in the application. */
@Collection<UserActivityEvent>({
  name: 'user_activity_event',
  purpose: 'Clickstream: page views, button clicks, time on page',
  time: 'occurred_at',
  retention: between(days(30), days(365)),
  archive: 'before-expiry',
  growth: growth('high', { documentBytes: 600, documentsPerDay: 250_000 }),
  traits: ['append-only', 'variable-schema', 'flexible-payload'],
  indexes: [
    { key: { user_id: 1, occurred_at: -1 }, serves: 'listActivityOfUser' },
    { key: { event_type: 1, occurred_at: -1 }, serves: 'listActivityOfType' },
    {
      key: { session_id: 1, occurred_at: 1 },
      partial: { session_id: { $exists: true } },
      serves: 'listActivityOfSession',
    },
    {
      key: { entity_type: 1, entity_id: 1, occurred_at: -1 },
      partial: { entity_id: { $exists: true } },
      serves: 'listActivityOnEntity',
    },
  ],
  shardKey: { user_id: 'hashed' },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class UserActivityEvent {
  /** Derived from the user and the client's own id of the event, where it gave one: sending it again doubles nothing. */
  @prop({ type: Schema.Types.ObjectId, auto: true })
  _id!: Types.ObjectId;

  @prop({ type: Date, required: true })
  occurred_at!: Date;

  @prop({ type: Date, required: true })
  received_at!: Date;

  @prop({ type: Date })
  expires_at?: Date;

  @prop({ type: String, required: true, maxlength: 200 })
  user_id!: string;

  @prop({ type: String, maxlength: 200 })
  session_id?: string;

  /** What was done, as noun:past-verb (`page:viewed`, `button:clicked`, `page:left`). */
  @prop({ type: String, required: true, match: /^[a-z][a-z0-9_.-]{0,63}(:[a-z][a-z0-9_.-]{0,63})?$/ })
  event_type!: string;

  /** The part of the application (`contracts`, `inspections`). */
  @prop({ type: String, maxlength: 100 })
  module?: string;

  @prop({ type: () => ActivityPage })
  page?: ActivityPage;

  @prop({ type: () => ActivityElement })
  element?: ActivityElement;

  /** Time on the page or in the dialogue, in milliseconds. */
  @prop({ type: Number, min: 0, max: 86_400_000 })
  duration_ms?: number;

  @prop({ type: String, maxlength: 200 })
  entity_type?: string;

  @prop({ type: String, maxlength: 1_000 })
  entity_id?: string;

  @prop({ type: () => ActivityDevice })
  device?: ActivityDevice;

  /** A keyed digest of the address: places can be told apart, not found. */
  @Redact('hash')
  @prop({ type: String, maxlength: 100 })
  ip_address?: string;

  @Redact('secrets')
  @prop({ type: Schema.Types.Mixed })
  properties?: Record<string, unknown>;

  @prop({ type: String, maxlength: 200 })
  cause_id?: string;
}
