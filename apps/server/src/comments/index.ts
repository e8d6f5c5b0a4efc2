import { CommentService } from '@infratraq/messaging';
import { commentRoutes } from '@infratraq/messaging/routes';
import type { AccessServices } from '../access/index.js';
import type { Feature } from '../feature.js';
import type { NotificationServices } from '../notifications/index.js';
import { keepAnnouncing } from '../platform/keep-announcing.js';

/** What other features may ask of comments. */
export interface CommentServices {
  readonly comments: CommentService;
}

/** Comments on entities; notifications that a comment still owes are sent every minute. */
export const comments: Feature<
  { access: AccessServices; notifications: NotificationServices },
  CommentServices
> = {
  open: ({ models, log }, { access, notifications }) => {
    const service = new CommentService({
      models,
      access,
      notifier: notifications.notifications,
      onError: (error) => log.warn({ err: error }, 'a notification is asked for again later'),
    });
    return {
      services: { comments: service },
      routes: async (api) => void (await api.register(commentRoutes, { comments: service })),
      start: async (_offers, defer) => keepAnnouncing(service, log, defer),
    };
  },
};
