import { InfratraqError, newCauseId, runAsActor } from '@infratraq/kernel';
import { acknowledge, UnauthenticatedError, type Authenticate } from '@infratraq/transport';
import type { ExtendedError, Namespace, Socket } from 'socket.io';
import { z } from 'zod';
import { presentItem } from './inbox/present-item.js';
import type { Inbox } from './inbox/inbox.js';
import { userRoom } from './senders/in-app.js';
import type { InboxChange, NotificationEvents } from './notification-context.js';

/** What the gateway works with. */
export interface NotificationGatewayOptions {
  readonly inbox: Inbox;
  /** Those of the service: what this process changes is announced to every process's sockets. */
  readonly events: NotificationEvents;
  /** Checks the token of `auth: { token }` when a client connects. */
  readonly authenticate: Authenticate;
  readonly onError?: (error: unknown) => void;
}

const itemId = z.string().min(1).max(100);

/** Every event that a client can send, with what it carries. */
export const inboxEvents = {
  'inbox:list': z.strictObject({
    cursor: z.string().max(2_000).optional(),
    limit: z.int().min(1).max(200).default(50),
    unread: z.boolean().optional(),
  }),
  'inbox:seen': z.strictObject({ ids: z.array(itemId).min(1).max(200) }),
  'inbox:read': z.strictObject({ id: itemId }),
  'inbox:archive': z.strictObject({ id: itemId }),
  'inbox:read-all': z.strictObject({}),
};

/**
 * Serves a user's inbox live on a Socket.IO namespace: `inbox:changed` tells every session of a user how many items
 * are unread, and brings the item that changed. Every client event is acknowledged.
 *
 * @example notificationGateway(io.of('/notifications'), { inbox, events: notifications.events, authenticate })
 */
export function notificationGateway(
  namespace: Namespace,
  {
    inbox,
    events,
    authenticate,
    onError = (error) => process.emitWarning(error as Error),
  }: NotificationGatewayOptions,
): { close(): void } {
  namespace.use((socket, next) => {
    identify(socket, authenticate).then(
      () => next(),
      (error: unknown) => next(refusal(error, onError)),
    );
  });
  namespace.on('connection', (socket) => {
    serveSocket(socket, inbox, onError);
    inbox
      .countUnread(userOf(socket))
      .then((unread) => socket.emit('inbox:changed', { unread }))
      .catch(onError);
  });
  const announce = (change: InboxChange) => void tell(namespace, inbox, change).catch(onError);
  events.on('inbox:changed', announce);
  return { close: () => void events.off('inbox:changed', announce) };
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
  const user = userOf(socket);
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

async function identify(socket: Socket, authenticate: Authenticate): Promise<void> {
  const { token } = socket.handshake.auth as { token?: unknown };
  if (typeof token !== 'string' || token === '')
    throw new UnauthenticatedError('Connect with auth: { token }, a bearer token');
  const { user_id, roles } = await authenticate(token);
  if (roles.length === 0) throw new UnauthenticatedError('This token carries no role');
  socket.data = { user_id };
}

function userOf(socket: Socket): string {
  return (socket.data as { user_id: string }).user_id;
}

function refusal(error: unknown, onError: (error: unknown) => void): ExtendedError {
  const known = error instanceof InfratraqError && error.status !== 500;
  if (!known) onError(error);
  const code = known ? error.code : 'internal';
  const message = known ? error.message : 'Something failed on our side';
  return Object.assign(new Error(message), { data: { code, message } });
}
