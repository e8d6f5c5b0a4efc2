import { defineRoutes } from '@infratraq/transport/fastify';
import { chatRoutes } from './chat/chat-routes.js';
import type { ChatService } from './chat/chat-service.js';
import { commentRoutes } from './comments/comment-routes.js';
import type { CommentService } from './comments/comment-service.js';

export { chatRoutes, commentRoutes };
export { emailRoutes, type EmailRoutesOptions } from './email/email-routes.js';
export { inboundMailRoutes, type InboundMailRoutesOptions } from './email/receiving/inbound-mail-routes.js';

/** What the routes work with. */
export interface MessagingRoutesOptions {
  readonly chat: ChatService;
  readonly comments: CommentService;
}

/** Channels with their history, and comments on any entity. */
export const messagingRoutes = defineRoutes<MessagingRoutesOptions>(async (app, { chat, comments }) => {
  await chatRoutes(app, { chat });
  await commentRoutes(app, { comments });
});
