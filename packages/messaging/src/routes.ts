import { entityParameters, pageOf, pageQuery, requireActor, type Routes } from '@infratraq/transport';
import { z } from 'zod';
import type { ChatService } from './chat-service.js';
import type { ChangedThread, CommentService } from './comment-service.js';
import { threadStates } from './comment-thread.js';
import { messageLimits, threadLimits } from './message-limits.js';
import { presentMessage } from './present-message.js';
import {
  commentResponse,
  messageResponse,
  presentComment,
  presentThread,
  threadResponse,
} from './route-schemas.js';

/** What the routes work with. */
export interface MessagingRoutesOptions {
  readonly chat: ChatService;
  readonly comments: CommentService;
}

const place = z.coerce.number().int().min(0).optional();
const threadParameters = entityParameters.extend({ thread_id: z.string().min(1).max(100) });
const commentParameters = threadParameters.extend({ comment_id: z.string().min(1).max(100) });
const text = z.string().min(1).max(threadLimits.bodyCharacters);
const changedThread = z.object({ thread: threadResponse, comment: commentResponse });

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

  app.get(
    '/entities/:type/:id/comments',
    {
      schema: {
        summary: "List an entity's comment threads, newest first, with all their comments",
        tags: ['messaging'],
        params: entityParameters,
        querystring: pageQuery,
        response: { 200: pageOf(threadResponse) },
      },
    },
    async ({ params, query }) => {
      const { items, next_cursor } = await comments.list(entityOf(params), query);
      return { items: items.map(presentThread), next_cursor };
    },
  );

  app.post(
    '/entities/:type/:id/comments',
    {
      schema: {
        summary: 'Comment on an entity: open a thread, or reply within one',
        tags: ['messaging'],
        params: entityParameters,
        body: z.strictObject({
          body: text,
          thread_id: z
            .string()
            .min(1)
            .max(100)
            .optional()
            .describe('The thread to reply in; a new one when absent'),
          parent_id: z.string().min(1).max(100).optional().describe('The comment of that thread to answer'),
        }),
        response: { 201: changedThread },
      },
    },
    async ({ params, body: { thread_id, ...input } }, reply) => {
      const author_id = requireActor().user_id;
      const changed =
        thread_id === undefined
          ? await comments.start(entityOf(params), { author_id, body: input.body })
          : await comments.reply({ ...entityOf(params), thread_id }, { author_id, ...input });
      return reply.status(201).send(presentChange(changed));
    },
  );

  app.put(
    '/entities/:type/:id/comments/:thread_id/state',
    {
      schema: {
        summary: 'Resolve or reopen a thread',
        tags: ['messaging'],
        params: threadParameters,
        body: z.strictObject({ state: z.enum(threadStates) }),
        response: { 200: threadResponse },
      },
    },
    async ({ params, body }) =>
      presentThread(await comments.setState(threadOf(params), body.state, requireActor().user_id)),
  );

  app.put(
    '/entities/:type/:id/comments/:thread_id/:comment_id',
    {
      schema: {
        summary: "Replace the text of one's own comment; the text before is kept",
        tags: ['messaging'],
        params: commentParameters,
        body: z.strictObject({ body: text }),
        response: { 200: changedThread },
      },
    },
    async ({ params, body }) =>
      presentChange(
        await comments.edit(
          { ...threadOf(params), comment_id: params.comment_id },
          { user_id: requireActor().user_id, body: body.body },
        ),
      ),
  );

  app.delete(
    '/entities/:type/:id/comments/:thread_id/:comment_id',
    {
      schema: {
        summary: "Delete one's own comment; answers to it stay",
        tags: ['messaging'],
        params: commentParameters,
        response: { 200: changedThread },
      },
    },
    async ({ params }) =>
      presentChange(
        await comments.delete(
          { ...threadOf(params), comment_id: params.comment_id },
          { user_id: requireActor().user_id },
        ),
      ),
  );
};

function entityOf({ type, id }: { type: string; id: string }) {
  return { entity_type: type, entity_id: id };
}

function threadOf({ thread_id, ...entity }: { type: string; id: string; thread_id: string }) {
  return { ...entityOf(entity), thread_id };
}

function presentChange({ thread, comment }: ChangedThread) {
  return { thread: presentThread(thread), comment: presentComment(comment) };
}
