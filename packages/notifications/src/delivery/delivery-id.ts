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

/** Stands for an address in places where the address itself is not kept. */
export function hashAddress(address: string): string {
  return createHash('sha256').update(address).digest('hex');
}

function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}
