import 'reflect-metadata';
import { modelOptions, prop } from '@typegoose/typegoose';
import { deliveryStates, type DeliveryState } from './delivery-state.js';

/** One move of a delivery. */
@modelOptions({ schemaOptions: { _id: false } })
export class DeliveryTransition {
  @prop({ type: String, required: true, enum: deliveryStates })
  to!: DeliveryState;

  @prop({ type: Date, required: true })
  at!: Date;

  /** Who reported it. */
  @prop({ type: String, required: true, enum: ['sender', 'provider', 'recipient', 'operator'] })
  reported_by!: 'sender' | 'provider' | 'recipient' | 'operator';

  @prop({ type: String, maxlength: 500 })
  reason?: string;

  /** The provider's id of the callback; a repeated callback is known by it. */
  @prop({ type: String })
  provider_event_id?: string;
}

/** One try to hand a delivery to a provider. */
@modelOptions({ schemaOptions: { _id: false } })
export class DeliveryAttempt {
  /** From 1. */
  @prop({ type: Number, required: true, min: 1 })
  attempt!: number;

  @prop({ type: Date, required: true })
  at!: Date;

  @prop({ type: String, required: true, enum: ['accepted', 'rejected', 'throttled', 'unreachable'] })
  outcome!: 'accepted' | 'rejected' | 'throttled' | 'unreachable';

  @prop({ type: Number, min: 0 })
  duration_ms?: number;

  @prop({ type: String })
  error_code?: string;

  @prop({ type: String, maxlength: 2_000 })
  error_message?: string;

  /** What the provider asked for by Retry-After. */
  @prop({ type: Number, min: 0 })
  retry_after_seconds?: number;
}

/** Which template, in which version and language, made the text. */
@modelOptions({ schemaOptions: { _id: false } })
export class DeliveryTemplate {
  @prop({ type: String, required: true })
  name!: string;

  @prop({ type: String, required: true })
  version!: string;

  /** BCP 47 tag, as `de-AT`. */
  @prop({ type: String, required: true })
  locale!: string;
}

/** What the recipient did with it. */
@modelOptions({ schemaOptions: { _id: false } })
export class DeliveryEngagement {
  @prop({ type: Date })
  seen_at?: Date;

  @prop({ type: Date })
  read_at?: Date;

  @prop({ type: Date })
  clicked_at?: Date;

  /** The recipient called it spam. */
  @prop({ type: Date })
  complained_at?: Date;

  /** Put away from the inbox by its owner. */
  @prop({ type: Date })
  dismissed_at?: Date;
}

/** One of the notifications that share an inbox item. */
@modelOptions({ schemaOptions: { _id: false } })
export class CollapsedNotification {
  @prop({ type: String, required: true })
  notification_id!: string;

  @prop({ type: Date, required: true })
  at!: Date;

  @prop({ type: String, maxlength: 2_000 })
  title?: string;

  @prop({ type: String, maxlength: 80_000 })
  body?: string;

  @prop({ type: String, maxlength: 2_000 })
  url?: string;
}
