import { newCauseId, runAsActor, warnOfError, type ReportError } from '@infratraq/kernel';
import { acknowledge, admitSockets, socketIdentity, type Authenticate } from '@infratraq/transport';
import type { Namespace, Socket } from 'socket.io';
import type { z } from 'zod';
import { inboxEvents } from './inbox/inbox-events.js';
import { presentItem } from './inbox/present-item.js';
import type { Inbox } from './inbox/inbox.js';
import { userRoom } from './senders/in-app.js';
import type { InboxChange, NotificationEvents } from './context/notification-context.js';

/** What the gateway works with. */
export interface NotificationGatewayOptions {
  readonly inbox: Inbox;
  /** The events of the service: changes by this process reach the sockets of every process. */
  readonly events: NotificationEvents;
  /** Checks the token of `auth: { token }` when a client connects. */
  readonly authenticate: Authenticate;
  readonly onError?: ReportError;
}

/** Controls the connected sessions. */
interface NotificationGateway {
  /**
   * Tells sessions that may have missed announcements, because server processes could not reach each other: those in
   * `rooms` on every process, or else all of this process. They hear `inbox:resync`, and `inbox:changed` with the count.
   */
  recover(missed?: { readonly rooms?: readonly string[] | undefined }): Promise<void>;
  close(): void;
}

const askedAtOnce = 20;

/**
 * Serves a user's inbox live on a Socket.IO namespace: `inbox:changed` tells every session of a user how many items
 * are unread, and brings the item that changed; after `inbox:resync`, items may have been missed: list them again. Every
 * client event is acknowledged.
 *
 * @example notificationGateway(io.of('/notifications'), { inbox, events: notifications.events, authenticate })
 */
export function notificationGateway(
  namespace: Namespace,
  { inbox, events, authenticate, onError = warnOfError }: NotificationGatewayOptions,
): NotificationGateway {
  const report = (error: unknown) => onError(error, 'serving inboxes');
  admitSockets(namespace, authenticate, report);
  namespace.on('connection', (socket) => {
    serveSocket(socket, inbox, report);
    inbox
      .countUnread(socketIdentity(socket).user_id)
      .then((unread) => socket.emit('inbox:changed', { unread }))
      .catch(report);
  });
  const announce = (change: InboxChange) => void tell(namespace, inbox, change).catch(report);
  events.on('inbox:changed', announce);
  return {
    async recover({ rooms } = {}) {
      const users = usersOf(rooms ?? namespace.adapter.rooms.keys());
      const reach = rooms ? namespace : namespace.local;
      for (let begun = 0; begun < users.length; begun += askedAtOnce)
        await Promise.all(
          users.slice(begun, begun + askedAtOnce).map(async (user_id) => {
            const unread = await inbox.countUnread(user_id);
            reach.to(userRoom(user_id)).emit('inbox:resync', {});
            reach.to(userRoom(user_id)).emit('inbox:changed', { unread });
          }),
        );
    },
    close: () => void events.off('inbox:changed', announce),
  };
}

function usersOf(rooms: Iterable<string>): string[] {
  const prefix = userRoom('');
  return [...new Set(rooms)].flatMap((room) => (room.startsWith(prefix) ? [room.slice(prefix.length)] : []));
}

async function tell(namespace: Namespace, inbox: Inbox, { user_id, item_id }: InboxChange): Promise<void> {
  const [unread, item] = await Promise.all([
    inbox.countUnread(user_id),
    item_id === undefined ? undefined : inbox.peek(user_id, item_id),
  ]);
  namespace
    .to(userRoom(user_id))
    .emit('inbox:changed', { unread, ...(item && { item: presentItem(item) }), ...(item_id && { item_id }) });
}

function serveSocket(socket: Socket, inbox: Inbox, onError: (error: unknown) => void): void {
  const user = socketIdentity(socket).user_id;
  void socket.join(userRoom(user));
  const listen = <Name extends keyof typeof inboxEvents>(
    name: Name,
    handle: (payload: z.output<(typeof inboxEvents)[Name]>) => Promise<object | void>,
  ) => {
    const asUser = (payload: z.output<(typeof inboxEvents)[Name]>) =>
      runAsActor({ user_id: user, roles: [], cause_id: newCauseId() }, () => handle(payload));
    (socket as Socket).on(
      name as string,
      acknowledge(inboxEvents[name] as z.ZodType, asUser as never, onError),
    );
  };
  const withCount = async () => ({ unread: await inbox.countUnread(user) });
  listen('inbox:list', async (page) => {
    const { items, next_cursor } = await inbox.list(user, page);
    return { items: items.map(presentItem), next_cursor, ...(await withCount()) };
  });
  listen('inbox:seen', async ({ ids }) => inbox.markSeen(user, ids));
  listen('inbox:read', async ({ id }) => {
    await inbox.markRead(user, id);
    return withCount();
  });
  listen('inbox:archive', async ({ id }) => {
    await inbox.archive(user, id);
    return withCount();
  });
  listen('inbox:read-all', async () => ({ read: await inbox.markAllRead(user) }));
}
