import { ChatService } from '@infratraq/messaging';
import { chatGateway } from '@infratraq/messaging/gateway';
import { createChannels, messagingMigrations, watchChannels } from '@infratraq/messaging/postgres';
import { channelRoutes, chatRoutes } from '@infratraq/messaging/routes';
import type { AccessServices } from '../access/index.js';
import type { Feature } from '../feature.js';
import type { NotificationServices } from '../notifications/index.js';
import { keepAnnouncing } from '../platform/keep-announcing.js';
import { keepCuttingOldHistory } from './cut-old-history.js';
import { followMembership } from './follow-membership.js';

/** What other features may ask of chat. */
export interface ChatServices {
  readonly chat: ChatService;
}

/** Chat in channels, on `/chat` and by HTTP. */
export const chat: Feature<{ access: AccessServices; notifications: NotificationServices }, ChatServices> = {
  // Of mailboxes too.
  migrations: [messagingMigrations],
  open: async (
    { environment, models, postgres, tokens, log, onMissed },
    { access, notifications },
    defer,
  ) => {
    const channels = await watchChannels(postgres, (error) => log.warn({ err: error }, 'channels'));
    defer(() => channels.close());
    const made = createChannels({ postgres, models, watched: channels, access });
    const { membership } = made;
    const retentionDays = environment.CHAT_RETENTION_DAYS;
    const service = new ChatService({
      models,
      membership,
      notifier: notifications.notifications,
      onError: (error) => log.warn({ err: error }, 'a notification is asked for again later'),
      sendRate: { burst: 40, perSecond: 10 },
      retentionDays,
    });
    return {
      services: { chat: service },
      routes: async (api) => {
        await api.register(chatRoutes, { chat: service });
        await api.register(channelRoutes, made);
      },
      gateways: (io, started) => {
        const gateway = chatGateway(io.of('/chat'), {
          chat: service,
          channels: made.channels,
          authenticate: tokens.authenticate,
          onError: (error) => log.error({ err: error }, 'chat'),
        });
        onMissed('/chat', (missed) => gateway.recover(missed));
        followMembership({ channels, access, gateway, log }, started);
        keepAnnouncing(service, log, started);
        keepCuttingOldHistory(channels, { postgres, models, gateway, log, retentionDays }, started);
      },
    };
  },
};
