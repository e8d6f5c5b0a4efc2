import { createSender } from './create-sender.js';
import type { Sender } from './sender.js';

/** The part of a Socket.IO namespace that the sender uses. */
export interface InAppNamespace {
  to(room: string): { emit(event: string, payload: object): unknown };
}

/** The room of all connections of one user. */
export function userRoom(userId: string): string {
  return `user:${userId}`;
}

/** Where users are connected. */
export interface InAppOptions {
  readonly namespace: InAppNamespace;
}

/**
 * Announces a new inbox item to the connections of a user on every server process. The item is stored before, so that a
 * user who is not connected finds it later.
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
