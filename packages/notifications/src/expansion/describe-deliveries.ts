import type { Stored } from '@infratraq/mongo';
import type { AcceptedNotification } from '../postgres/notification-outbox.js';
import type { NotificationContext } from '../context/notification-context.js';
import type { NotificationDelivery } from '../collections/notification-delivery.js';
import type { NotificationType } from '../templates/notification-type.js';
import type { DirectoryEntry } from '../recipients/directory.js';
import type { PlannedDelivery, UnreachedChannel } from '../routing/plan-deliveries.js';
import { RenderingError, type RenderedText } from '../templates/template-catalog.js';
import { deliveryIdOf, digestIdOf } from '../delivery/delivery-id.js';
import { textOf } from '../delivery/delivery-text.js';

/** A delivery to be stored. */
export interface DescribedDelivery {
  readonly document: Stored<NotificationDelivery>;
  /** It was merged into an inbox item that existed. */
  readonly again?: boolean;
}

/** A recipient of a notification, and what their deliveries are made from. */
export interface DeliverySubject {
  readonly accepted: AcceptedNotification;
  readonly type: NotificationType;
  readonly entry: DirectoryEntry;
  readonly locale: string;
  readonly at: Date;
}

/** Describes the documents of a recipient's deliveries. */
export function describeDeliveries(
  { catalog }: Pick<NotificationContext, 'catalog'>,
  { accepted, type, entry, locale, at }: DeliverySubject,
  planned: readonly PlannedDelivery[],
): DescribedDelivery[] {
  const { notification_id, request, cause_id } = accepted;
  const { entity, idempotency_key, throttle_key, collapse_key, not_after } = request;
  return planned.map(({ channel, due_at, collected, fallback_of }) => {
    const isInbox = channel === 'in_app';
    const text = isInbox ? renderItem(catalog, { accepted, type, entry, locale }) : undefined;
    const document = {
      _id: deliveryIdOf(notification_id, entry.user_id, channel),
      notification_id,
      recipient_id: entry.user_id,
      channel,
      type: type.type,
      state: 'queued',
      transitions: [{ to: 'queued', at, reported_by: 'sender' }],
      critical: type.critical,
      due_at,
      queued_at: at,
      ...(text && { ...textOf(text), template: text.template, unread: true }),
      // Without a text it is not shown.
      ...(isInbox && !text && { retracted_at: at }),
      ...(idempotency_key !== undefined && { idempotency_key }),
      ...(throttle_key !== undefined && { throttle_key }),
      ...(text && collapse_key !== undefined && { collapse_key }),
      ...(collected && { digest_id: digestIdOf(entry.user_id, channel, due_at) }),
      ...(fallback_of && {
        fallback_of: String(deliveryIdOf(notification_id, entry.user_id, fallback_of)),
      }),
      ...(not_after !== undefined && { not_after: new Date(not_after) }),
      ...(entity && { entity_type: entity.entity_type, entity_id: entity.entity_id }),
      ...(cause_id !== null && { cause_id }),
    } satisfies Stored<NotificationDelivery>;
    return { document };
  });
}

/** A recipient of whom nothing but the name is needed. */
export interface UnreachedSubject extends Pick<DeliverySubject, 'accepted' | 'type' | 'at'> {
  readonly entry: Pick<DirectoryEntry, 'user_id'>;
}

/** Describes the records of channels that were asked for in vain; nothing is sent for them. */
export function describeUnreached(
  { accepted, type, entry, at }: UnreachedSubject,
  unreached: readonly UnreachedChannel[],
): DescribedDelivery[] {
  const { notification_id, request, cause_id } = accepted;
  const { entity, idempotency_key } = request;
  return unreached.map(({ channel, reason }) => ({
    document: {
      _id: deliveryIdOf(notification_id, entry.user_id, channel),
      notification_id,
      recipient_id: entry.user_id,
      channel,
      type: type.type,
      state: 'suppressed',
      transitions: [{ to: 'suppressed', at, reported_by: 'sender', reason }],
      critical: type.critical,
      due_at: at,
      queued_at: at,
      ...(channel === 'in_app' && { retracted_at: at }),
      ...(idempotency_key !== undefined && { idempotency_key }),
      ...(entity && { entity_type: entity.entity_type, entity_id: entity.entity_id }),
      ...(cause_id !== null && { cause_id }),
    },
  }));
}

/** The text of an inbox item. A template that cannot be rendered fails on delivery, and holds up nobody else. */
function renderItem(
  catalog: NotificationContext['catalog'],
  { accepted: { request }, type, entry, locale }: Omit<DeliverySubject, 'at'>,
): RenderedText | undefined {
  try {
    return catalog.render(type.type, 'in_app', locale, request.data, entry);
  } catch (error) {
    if (error instanceof RenderingError) return undefined;
    throw error;
  }
}
