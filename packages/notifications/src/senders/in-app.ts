import { createSender } from './create-sender.js';
import type { Sender } from './sender.js';

/** The part of a Socket.IO namespace that the sender speaks to. */
export interface InAppNamespace {
  to(room: string): { emit(event: string, payload: object): unknown };
}

/** The room of all connections of one user. */
export function userRoom(userId: string): string {
  return `user:${userId}`;
}

/** Where users' connections are. */
export interface InAppOptions {
  readonly namespace: InAppNamespace;
}

/**
 * Tells the connections of a user, on every server process, that something has come to the inbox. The inbox item
 * has been stored before and is the delivery itself: whoever is not connected finds it there.
 */
export async function openInAppSender({ namespace }: InAppOptions): Promise<Sender> {
  return createSender({
    provider: 'inbox',
    channel: 'in_app',
    async deliver(message, { user_id }) {
      const { notification_id, delivery_id, type, title, body, url, data } = message;
      namespace.to(userRoom(user_id)).emit('notification:created', {
        notification_id,
        delivery_id,
        type,
        title,
        body,
        ...(url !== undefined && { url }),
        ...(data !== undefined && { data }),
      });
      return { outcome: 'accepted', provider_message_id: delivery_id };
    },
  });
}
