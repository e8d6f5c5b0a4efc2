import { createHash } from 'node:crypto';
import type { NotificationChannel } from '@infratraq/kernel';
import { Types } from 'mongoose';

/** The id of a delivery: the same however often its notification is expanded. */
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
 * The id under which a digest is sent, of what is in it: what joins late goes out by itself, and a provider that takes
 * one message per id, or a mailbox that shows one mail per Message-ID, would drop it under the id of the first.
 */
export function digestMessageIdOf(
  digestId: string,
  deliveries: readonly { readonly _id: Types.ObjectId }[],
): string {
  return digestOf([digestId, ...deliveries.map(({ _id }) => String(_id)).sort()]);
}

/** Stands for an address in places where the address itself is not kept. */
export function hashAddress(address: string): string {
  return createHash('sha256').update(address).digest('hex');
}

function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}
