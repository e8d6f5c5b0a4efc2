import 'reflect-metadata';
import { notificationChannels, type NotificationChannel } from '@infratraq/kernel';
import { modelOptions, prop } from '@typegoose/typegoose';

/** How often collected notifications are sent together. */
export const digestFrequencies = ['off', 'hourly', 'daily', 'weekly'] as const;
export type DigestFrequency = (typeof digestFrequencies)[number];

/** `HH:MM` on a 24-hour clock. */
export const clockTime = /^([01]\d|2[0-3]):[0-5]\d$/;

/** One row of the notification matrix: which channels a type of notification may use. */
@modelOptions({ schemaOptions: { _id: false } })
export class NotificationRule {
  /** A notification type, or `*` for every type that has no row of its own. */
  @prop({ type: String, required: true, maxlength: 100 })
  type!: string;

  /** Narrows the row to one kind of entity. */
  @prop({ type: String, maxlength: 100 })
  entity_type?: string;

  /** Narrows the row to one entity. */
  @prop({ type: String, maxlength: 200 })
  entity_id?: string;

  /** Channels that may be used; an empty list allows none. */
  @prop({ type: [String], required: true, enum: notificationChannels })
  channels!: NotificationChannel[];

  /** Silent, whatever the channels; they are what the row goes back to. */
  @prop({ type: Boolean, required: true, default: false })
  muted!: boolean;
}

/** Hours in which nothing but critical notifications is sent, in the person's time zone. */
@modelOptions({ schemaOptions: { _id: false } })
export class QuietHours {
  @prop({ type: Boolean, required: true })
  enabled!: boolean;

  @prop({ type: String, required: true, match: clockTime })
  from!: string;

  /** Before `from` where the quiet hours pass midnight. */
  @prop({ type: String, required: true, match: clockTime })
  to!: string;

  /** ISO weekdays (1 is Monday) on which quiet hours begin. */
  @prop({ type: [Number], required: true, min: 1, max: 7 })
  weekdays!: number[];
}

/** When collected notifications are sent together. */
@modelOptions({ schemaOptions: { _id: false } })
export class Digest {
  @prop({ type: String, required: true, enum: digestFrequencies })
  frequency!: DigestFrequency;

  /** Time of day of a daily or weekly digest, in the person's time zone. */
  @prop({ type: String, required: true, match: clockTime })
  at!: string;

  /** ISO weekday (1 is Monday) of a weekly digest. */
  @prop({ type: Number, required: true, min: 1, max: 7 })
  weekday!: number;
}

/** What a person lets be noted of what they do. */
@modelOptions({ schemaOptions: { _id: false } })
export class Privacy {
  /** Whether links in mails may tell that they were followed. */
  @prop({ type: Boolean, required: true })
  track_clicks!: boolean;
}
