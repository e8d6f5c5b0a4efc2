import 'reflect-metadata';
import {
  Collection,
  days,
  expiresAfter,
  growth,
  notificationChannels,
  type NotificationChannel,
} from '@infratraq/kernel';
import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import { Schema, type Types } from 'mongoose';
import { deliveryStates, type DeliveryState } from './delivery-state.js';
import {
  CollapsedNotification,
  DeliveryAttempt,
  DeliveryEngagement,
  DeliveryTemplate,
  DeliveryTransition,
} from './notification-delivery-parts.js';

/** One notification to one recipient on one channel, and how far it got. */
@Collection<NotificationDelivery>({
  name: 'notification_delivery',
  purpose: 'Per-recipient delivery status: sent, delivered, read or failed',
  time: 'queued_at',
  retention: expiresAfter(days(90)),
  archive: 'before-expiry',
  growth: growth('high', { documentBytes: 1_200, documentsPerDay: 20_000 }),
  traits: ['nested-fields', 'flexible-payload', 'variable-schema'],
  indexes: [
    {
      key: { recipient_id: 1, notification_id: 1, channel: 1 },
      unique: true,
      serves: 'findDelivery',
    },
    { key: { recipient_id: 1, channel: 1, queued_at: -1 }, serves: 'listInboxOfRecipient' },
    {
      key: { recipient_id: 1, queued_at: -1 },
      partial: { unread: true },
      serves: 'listUnreadOfRecipient',
    },
    {
      key: { recipient_id: 1, collapse_key: 1 },
      partial: { unread: true, collapse_key: { $exists: true } },
      serves: 'findOpenInboxItem',
    },
    {
      key: { 'collapsed.notification_id': 1 },
      partial: { collapse_key: { $exists: true } },
      serves: 'listInboxItemsThatHold',
    },
    {
      key: { digest_id: 1 },
      partial: { digest_id: { $exists: true } },
      serves: 'listDeliveriesOfDigest',
    },
    { key: { notification_id: 1, queued_at: 1 }, serves: 'listDeliveriesOfNotification' },
    {
      key: { state: 1, due_at: 1 },
      partial: { state: 'queued' },
      serves: 'listDueDeliveries',
    },
    {
      key: { provider: 1, provider_message_id: 1 },
      partial: { provider_message_id: { $exists: true } },
      serves: 'findDeliveryByProviderMessage',
    },
    {
      key: { entity_type: 1, entity_id: 1, queued_at: -1 },
      partial: { entity_id: { $exists: true } },
      serves: 'listDeliveriesAboutEntity',
    },
    {
      key: { cause_id: 1, queued_at: 1 },
      partial: { cause_id: { $exists: true } },
      serves: 'listDeliveriesOfCause',
    },
  ],
  shardKey: { recipient_id: 1 },
})
@modelOptions({ options: { allowMixed: Severity.ALLOW } })
export class NotificationDelivery {
  readonly _id!: Types.ObjectId;

  /** What was sent; all its deliveries share it. */
  @prop({ type: String, required: true })
  notification_id!: string;

  @prop({ type: String, required: true })
  recipient_id!: string;

  @prop({ type: String, required: true, enum: notificationChannels })
  channel!: NotificationChannel;

  /** Kind of notification (`work_order.assigned`). */
  @prop({ type: String, required: true, maxlength: 200 })
  type!: string;

  @prop({ type: String, required: true, enum: deliveryStates, default: 'queued' })
  state!: DeliveryState;

  /** Every move so far, oldest first. */
  @prop({ type: () => [DeliveryTransition], required: true })
  transitions!: DeliveryTransition[];

  @prop({ type: () => [DeliveryAttempt], default: undefined })
  attempts?: DeliveryAttempt[];

  @prop({ type: () => DeliveryEngagement })
  engagement?: DeliveryEngagement;

  @prop({ type: () => DeliveryTemplate })
  template?: DeliveryTemplate;

  /** What the template was filled with. */
  @prop({ type: Schema.Types.Mixed })
  data?: Record<string, unknown>;

  @prop({ type: String, maxlength: 2_000 })
  title?: string;

  @prop({ type: String, maxlength: 80_000 })
  body?: string;

  /** Where a click leads. */
  @prop({ type: String, maxlength: 2_000 })
  url?: string;

  /** Sent whatever the recipient's quiet hours and digests say. */
  @prop({ type: Boolean, required: true, default: false })
  critical!: boolean;

  @prop({ type: String, maxlength: 200 })
  idempotency_key?: string;

  @prop({ type: String, maxlength: 200 })
  throttle_key?: string;

  /** Later notifications with the same key go into this inbox item while it is unread. */
  @prop({ type: String, maxlength: 200 })
  collapse_key?: string;

  /** How many notifications an inbox item stands for, where there is more than itself to say. */
  @prop({ type: Number, min: 1 })
  collapsed_count?: number;

  /** The last of the notifications that an inbox item stands for, oldest first. */
  @prop({ type: () => [CollapsedNotification], default: undefined })
  collapsed?: CollapsedNotification[];

  /** True on an inbox item until it is read, put away or retracted, absent on anything else. */
  @prop({ type: Boolean })
  unread?: boolean;

  /** The digest that this delivery waits for or went out with. */
  @prop({ type: String })
  digest_id?: string;

  /** The last replay that began it again after it had failed. */
  @prop({ type: String })
  replay_id?: string;

  /** The delivery on another channel whose silence led to this one. */
  @prop({ type: String })
  fallback_of?: string;

  /** When it is to be handed over, quiet hours and back-off included. */
  @prop({ type: Date, required: true })
  due_at!: Date;

  /** Of no use after this. */
  @prop({ type: Date })
  not_after?: Date;

  /** Name of the sender that handed it over (`twilio`, `smtp`). */
  @prop({ type: String })
  provider?: string;

  @prop({ type: String })
  provider_message_id?: string;

  /** Hexadecimal SHA-256 of the mailbox or number that it went to; tells whether that is still the recipient's. */
  @prop({ type: String, match: /^[0-9a-f]{64}$/ })
  address_sha256?: string;

  @prop({ type: String, maxlength: 100 })
  entity_type?: string;

  @prop({ type: String, maxlength: 200 })
  entity_id?: string;

  @prop({ type: Date, required: true })
  queued_at!: Date;

  @prop({ type: Date })
  sent_at?: Date;

  @prop({ type: Date })
  delivered_at?: Date;

  @prop({ type: Date })
  failed_at?: Date;

  /** What it announced is gone (a deleted comment); it leaves the inbox. */
  @prop({ type: Date })
  retracted_at?: Date;

  @prop({ type: String })
  cause_id?: string;
}
