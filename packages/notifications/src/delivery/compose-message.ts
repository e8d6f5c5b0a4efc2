import type { NotificationChannel } from '@infratraq/kernel';
import type { Stored } from '@infratraq/mongo';
import type { DirectoryEntry } from '../recipients/directory.js';
import type { NotificationDelivery } from '../collections/notification-delivery.js';
import type { OutgoingMessage, RecipientAddress } from '../senders/sender.js';
import type { NotificationContext } from '../context/notification-context.js';
import type { RenderedText } from '../templates/template-catalog.js';
import type { Dispatch } from './dispatch.js';

// A header line of a mail has 998 characters at most, and a link in it cannot be folded.
const typesPerLink = 16;

/** The message that a sender gets for one address. */
export function composeMessage(
  { unsubscribeUrlOf }: NotificationContext,
  { deliveries, delivery_id, attempt, collapse_key, data, may_track_clicks }: Dispatch,
  { title, body, html, url, template }: RenderedText,
  address: RecipientAddress,
): OutgoingMessage {
  const [first] = deliveries as [Stored<NotificationDelivery>];
  const { notification_id, recipient_id, type, critical } = first;
  const not_after = lastUse(deliveries);
  const types = [...new Set(deliveries.map((delivery) => delivery.type))].slice(0, typesPerLink);
  const unsubscribe_url = critical ? undefined : unsubscribeUrlOf?.(recipient_id, types);
  return {
    delivery_id,
    notification_id,
    recipient_id,
    type,
    address,
    title,
    body,
    attempt,
    locale: template.locale,
    urgency: critical ? 'high' : 'normal',
    ...(html !== undefined && { html }),
    ...(url !== undefined && { url }),
    ...(unsubscribe_url !== undefined && { unsubscribe_url }),
    ...(collapse_key !== undefined && { collapse_key }),
    ...(data && { data }),
    ...(may_track_clicks && { may_track_clicks }),
    ...(not_after && { not_after }),
  };
}

/** When the last of these expires; undefined where one of them never does. */
function lastUse(deliveries: readonly NotificationDelivery[]): Date | undefined {
  const times = deliveries.map(({ not_after }) => not_after?.getTime() ?? Infinity);
  const last = Math.max(...times);
  return last === Infinity ? undefined : new Date(last);
}

/** Every address that a person has on a channel. */
export function addressesOf(entry: DirectoryEntry, channel: NotificationChannel): RecipientAddress[] {
  const { user_id, name, email, phone, devices } = entry;
  if (channel === 'in_app') return [{ channel, user_id }];
  if (channel === 'email') return email === undefined ? [] : [{ channel, email, name }];
  if (channel === 'sms') return phone === undefined ? [] : [{ channel, phone }];
  return devices.map(({ device_id, target }) => ({ channel, device_id, target }));
}
