import { filterByScopes } from '@infratraq/kernel';
import { entityParameters, pageOf, pageQuery, requireActor } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import { commentSchemas } from './comment-schemas.js';
import type { ChangedThread, CommentService } from './comment-service.js';
import type { ThreadSubscription } from '../collections/comment-thread.js';
import type { ListedThreads } from './listed-threads.js';
import {
  commentResponse,
  presentComment,
  presentSubscription,
  presentThread,
  subscriptionResponse,
  threadResponse,
} from './present-thread.js';

/** What the routes work with. */
export interface CommentRoutesOptions {
  readonly comments: CommentService;
}

const { comment } = commentSchemas;
const threadParameters = entityParameters.extend({ thread_id: comment.shape.thread_id });
const commentParameters = threadParameters.extend({ comment_id: comment.shape.comment_id });
const text = commentSchemas.start.shape.body;
const changedThread = z.object({ thread: threadResponse, comment: commentResponse });
const subscriptions = z.object({ items: z.array(subscriptionResponse) });

/** Routes of comments and their followers. */
export const commentRoutes = defineRoutes<CommentRoutesOptions>(async (app, { comments }) => {
  app.get(
    '/entities/:type/:id/comments',
    {
      config: { entityRole: 'viewer' },
      schema: {
        summary: "List an entity's comment threads, newest first, with their latest comments",
        tags: ['messaging'],
        params: entityParameters,
        querystring: pageQuery,
        response: { 200: pageOf(threadResponse) },
      },
    },
    async ({ params, query }) => presentPage(await comments.list(entityOf(params), query)),
  );

  app.post(
    '/entities/:type/:id/comments',
    {
      config: { entityRole: 'member' },
      schema: {
        summary: 'Comment on an entity: open a thread, or reply within one',
        tags: ['messaging'],
        params: entityParameters,
        body: z.strictObject({
          body: text,
          thread_id: comment.shape.thread_id
            .optional()
            .describe('The thread to reply in; a new one when absent'),
          parent_id: commentSchemas.reply.shape.parent_id.describe('The comment of that thread to answer'),
          client_comment_id: commentSchemas.reply.shape.client_comment_id,
        }),
        response: { 201: changedThread },
      },
    },
    async ({ params, body: { thread_id, ...input } }, reply) => {
      const author_id = actor();
      const changed =
        thread_id === undefined
          ? await comments.start(entityOf(params), { author_id, ...input })
          : await comments.reply({ ...entityOf(params), thread_id }, { author_id, ...input });
      return reply.status(201).send(presentChange(changed));
    },
  );

  app.get(
    '/entities/:type/:id/comments/:thread_id',
    {
      config: { entityRole: 'viewer' },
      schema: {
        summary: 'Fetch a thread with all its comments',
        tags: ['messaging'],
        params: threadParameters,
        response: { 200: threadResponse },
      },
    },
    async ({ params }) => presentThread(await comments.find(threadOf(params))),
  );

  app.put(
    '/entities/:type/:id/comments/:thread_id/state',
    {
      config: { entityRole: 'member' },
      schema: {
        summary: 'Resolve or reopen a thread',
        tags: ['messaging'],
        params: threadParameters,
        body: z.strictObject({ state: commentSchemas.state.shape.state }),
        response: { 200: threadResponse },
      },
    },
    async ({ params, body }) => presentThread(await comments.setState(threadOf(params), body.state, actor())),
  );

  app.put(
    '/entities/:type/:id/comments/:thread_id/:comment_id',
    {
      config: { entityRole: 'member' },
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
          { user_id: actor(), body: body.body },
        ),
      ),
  );

  app.delete(
    '/entities/:type/:id/comments/:thread_id/:comment_id',
    {
      config: { entityRole: 'member' },
      schema: {
        summary: "Delete one's own comment, or any as a manager; answers to it stay",
        tags: ['messaging'],
        params: commentParameters,
        response: { 200: changedThread },
      },
    },
    async ({ params, entityRole }) =>
      presentChange(
        await comments.delete(
          { ...threadOf(params), comment_id: params.comment_id },
          { user_id: actor(), moderates: entityRole === 'manager' },
        ),
      ),
  );

  app.get(
    '/entities/:type/:id/comments/:thread_id/subscriptions',
    {
      config: { entityRole: 'viewer' },
      schema: {
        summary: 'List who follows a thread, and who has muted it',
        tags: ['messaging'],
        params: threadParameters,
        response: { 200: subscriptions },
      },
    },
    async ({ params }) => {
      const thread = await comments.find(threadOf(params));
      return { items: thread.subscriptions.map(presentSubscription) };
    },
  );

  app.put(
    '/entities/:type/:id/comments/:thread_id/subscription',
    {
      config: { entityRole: 'viewer' },
      schema: {
        summary: 'Follow a thread',
        tags: ['messaging'],
        params: threadParameters,
        response: { 200: subscriptions },
      },
    },
    async ({ params }) => presentSubscriptions(await comments.follow(threadOf(params), actor(), true)),
  );

  app.delete(
    '/entities/:type/:id/comments/:thread_id/subscription',
    {
      config: { entityRole: 'viewer' },
      schema: {
        summary: 'Mute a thread: nothing of it is told until it is followed again',
        tags: ['messaging'],
        params: threadParameters,
        response: { 200: subscriptions },
      },
    },
    async ({ params }) => presentSubscriptions(await comments.follow(threadOf(params), actor(), false)),
  );

  app.get(
    '/comments/followed',
    {
      config: { access: 'scopes' },
      schema: {
        summary: 'List the threads that you follow or have muted, the latest commented first',
        tags: ['messaging'],
        querystring: pageQuery,
        response: { 200: pageOf(threadResponse) },
      },
    },
    async ({ query }) => presentPage(await comments.listFollowed(actor(), query, await visible())),
  );

  app.get(
    '/comments/mentions',
    {
      config: { access: 'scopes' },
      schema: {
        summary: 'List the threads in which you are mentioned, the latest commented first',
        tags: ['messaging'],
        querystring: pageQuery,
        response: { 200: pageOf(threadResponse) },
      },
    },
    async ({ query }) => presentPage(await comments.listMentioning(actor(), query, await visible())),
  );

  function visible() {
    return filterByScopes(comments.access, requireActor());
  }
});

function entityOf({ type, id }: { type: string; id: string }) {
  return { entity_type: type, entity_id: id };
}

function threadOf({ thread_id, ...entity }: { type: string; id: string; thread_id: string }) {
  return { ...entityOf(entity), thread_id };
}

function presentChange({ thread, comment }: ChangedThread) {
  return { thread: presentThread(thread), comment: presentComment(comment) };
}

function presentPage({ items, next_cursor }: ListedThreads) {
  return { items: items.map(presentThread), next_cursor };
}

function presentSubscriptions(items: readonly ThreadSubscription[]) {
  return { items: items.map(presentSubscription) };
}

function actor(): string {
  return requireActor().user_id;
}
