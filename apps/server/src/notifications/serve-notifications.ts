import { repeat } from '@infratraq/kernel';
import { notificationGateway } from '@infratraq/notifications/gateway';
import type { Logger } from 'pino';
import type { Server as SocketServer } from 'socket.io';
import type { Tokens } from '../identity/tokens.js';
import type { Services } from '../services.js';

const minute = 60_000;

/** Begins to send notifications, serves inboxes on `/notifications`, and asks again for what comments still owe. */
export async function serveNotifications({
  io,
  services: { inbox, notifications, comments },
  tokens: { authenticate },
  log,
}: {
  io: SocketServer;
  services: Pick<Services, 'inbox' | 'notifications' | 'comments'>;
  tokens: Pick<Tokens, 'authenticate'>;
  log: Logger;
}): Promise<{ close(): Promise<void> }> {
  const onError = (error: unknown) => log.error({ err: error }, 'notifications');
  const gateway = notificationGateway(io.of('/notifications'), {
    inbox,
    authenticate,
    onError,
    events: notifications.events,
  });
  await notifications.start();
  const announcing = repeat(() => comments.announcePending(), { everyMilliseconds: minute, onError });
  return {
    async close() {
      await announcing.stop();
      gateway.close();
    },
  };
}
