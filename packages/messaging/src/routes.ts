import { requireActor, type Routes } from '@infratraq/transport';
import { z } from 'zod';
import type { ChatService } from './chat-service.js';
import { commentRoutes } from './comments/comment-routes.js';
import type { CommentService } from './comments/comment-service.js';
import { messageLimits } from './message-limits.js';
import { presentMessage } from './present-message.js';
import { messageResponse } from './route-schemas.js';

/** What the routes work with. */
export interface MessagingRoutesOptions {
  readonly chat: ChatService;
  readonly comments: CommentService;
}

const place = z.coerce.number().int().min(0).optional();

/** A channel's history, and comments on any entity. */
export const messagingRoutes: Routes<MessagingRoutesOptions> = async (app, { chat, comments }) => {
  app.get(
    '/channels/:id/messages',
    {
      schema: {
        summary: "Read a channel's messages before, after or around a seq, oldest first",
        tags: ['messaging'],
        params: z.strictObject({ id: z.string().min(1).max(messageLimits.channelCharacters) }),
        querystring: z.strictObject({
          before: place.describe('Messages before this seq'),
          after: place.describe('Messages after this seq'),
          around: place.describe('The message with this seq, with its neighbours'),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
        response: {
          200: z.object({
            items: z.array(messageResponse),
            latest_seq: z.number().describe("The channel's highest seq; 0 while it is empty"),
            has_older: z.boolean(),
            has_newer: z.boolean(),
          }),
        },
      },
    },
    async ({ params, query }) => {
      const { messages, ...rest } = await chat.history(params.id, requireActor().user_id, query);
      return { items: messages.map(presentMessage), ...rest };
    },
  );

  await commentRoutes(app, { comments });
};
