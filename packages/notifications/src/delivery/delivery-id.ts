import { createHash } from 'node:crypto';
import type { NotificationChannel } from '@infratraq/kernel';
import { Types } from 'mongoose';

/** The id of a delivery, the same on every expansion of its notification. */
export function deliveryIdOf(
  notificationId: string,
  recipientId: string,
  channel: NotificationChannel,
): Types.ObjectId {
  return new Types.ObjectId(digestOf([notificationId, recipientId, channel]));
}

/** The id of a digest: one per recipient, channel and window. */
export function digestIdOf(recipientId: string, channel: NotificationChannel, due: Date): string {
  return digestOf(['digest', recipientId, channel, due.toISOString()]);
}

/**
 * The message id of a digest, derived from its content. A delivery that joins late goes out by itself and needs an id of
 * its own: providers and mailboxes drop a second message with the same id.
 */
export function digestMessageIdOf(
  digestId: string,
  deliveries: readonly { readonly _id: Types.ObjectId }[],
): string {
  return digestOf([digestId, ...deliveries.map(({ _id }) => String(_id)).sort()]);
}

/** Hexadecimal SHA-256 of an address, stored instead of it. */
export function hashAddress(address: string): string {
  return createHash('sha256').update(address).digest('hex');
}

function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}
