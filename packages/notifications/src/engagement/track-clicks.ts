import type { ClickLinks } from '../callbacks/click-links.js';
import { deliveryIdOf } from '../delivery/delivery-id.js';
import type { NotificationType } from '../templates/notification-type.js';
import type { OutgoingMessage, Sender } from '../senders/sender.js';
import { rewriteHtmlLinks, rewriteTextLinks } from './rewrite-links.js';

/** Which clicks are tracked. */
export interface TrackClicksOptions {
  readonly links: ClickLinks;
  /** Links in mails of a type with `tracksClicks: false` stay as they are. */
  readonly types: readonly NotificationType[];
}

/**
 * Replaces the links in a sender's mails by tracked ones where type and recipient allow it. Digests keep their links,
 * because some of their types may not allow it.
 */
export function trackClicks(sender: Sender, { links, types }: TrackClicksOptions): Sender {
  const silent = new Set(types.filter(({ tracksClicks }) => !tracksClicks).map(({ type }) => type));
  return {
    provider: sender.provider,
    channel: sender.channel,
    reaches: (address) => sender.reaches(address),
    close: () => sender.close(),
    async send(message) {
      const isMail = message.address.channel === 'email';
      const isWilling = message.may_track_clicks === true;
      const isTracked = isMail && isWilling && !silent.has(message.type) && !isDigest(message);
      return sender.send(isTracked ? withLinks(message, links) : message);
    },
  };
}

function withLinks(message: OutgoingMessage, links: ClickLinks): OutgoingMessage {
  const { delivery_id, recipient_id, body, html, unsubscribe_url } = message;
  const replace = (url: string) =>
    url === unsubscribe_url ? undefined : links.urlFor({ delivery_id, recipient_id, url });
  return {
    ...message,
    body: rewriteTextLinks(body, replace),
    ...(html !== undefined && { html: rewriteHtmlLinks(html, replace) }),
  };
}

function isDigest({ delivery_id, notification_id, recipient_id, address }: OutgoingMessage): boolean {
  return delivery_id !== String(deliveryIdOf(notification_id, recipient_id, address.channel));
}
