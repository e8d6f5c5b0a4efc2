import type { Stored } from '@infratraq/mongo';
import type { DeliveryState } from '../collections/delivery-state.js';
import type { NotificationContext } from '../context/notification-context.js';
import type { NotificationDelivery } from '../collections/notification-delivery.js';
import { chooseChannels } from '../routing/choose-channels.js';
import { readKey, type SendContext } from './send-context.js';

/** Whether a delivery goes out now, later or never. */
export type Verdict =
  | { readonly kind: 'send' }
  | { readonly kind: 'wait'; readonly until: Date }
  | {
      readonly kind: 'drop';
      readonly to: Extract<DeliveryState, 'cancelled' | 'expired' | 'suppressed'>;
      readonly reason: string;
    };

/** Checks just before sending whether a delivery may still go out: preferences and expiry may have changed since. */
export function checkBeforeSending(
  { catalog }: Pick<NotificationContext, 'catalog'>,
  delivery: Stored<NotificationDelivery>,
  { accepted, preferences, entries, read, hidden, clocks }: SendContext,
  at: Date,
): Verdict {
  const notification = accepted.get(delivery.notification_id);
  if (notification === undefined) return drop('cancelled', 'the notification is not kept any more');
  if (notification.withdrawal !== null && delivery.channel !== 'in_app')
    return drop('cancelled', notification.withdrawal);
  if (delivery.not_after !== undefined && delivery.not_after <= at)
    return drop('expired', 'it was due too late to be of use');
  if (hidden.has(readKey(delivery)))
    return drop('suppressed', 'the recipient may not see what it is about any more');
  if (delivery.channel === 'in_app') return { kind: 'send' };
  if (!entries.has(delivery.recipient_id)) return drop('suppressed', 'the recipient is not active any more');
  const own = preferences.get(delivery.recipient_id);
  if (own === undefined) return drop('suppressed', 'the recipient has no preferences');
  const type = catalog.typeOf(delivery.type);
  if (!chooseChannels(type, notification.request, own).includes(delivery.channel))
    return drop('suppressed', 'the recipient does not want it on this channel');
  if (delivery.fallback_of !== undefined && read.has(readKey(delivery)))
    return drop('suppressed', 'it was read on another channel');
  if (type.critical) return { kind: 'send' };
  const until = clocks.afterQuietHours(at, own.time_zone, own.quiet_hours);
  return until > at ? { kind: 'wait', until } : { kind: 'send' };
}

function drop(to: 'cancelled' | 'expired' | 'suppressed', reason: string): Verdict {
  return { kind: 'drop', to, reason };
}
