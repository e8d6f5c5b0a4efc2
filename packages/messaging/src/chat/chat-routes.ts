import type { Page, Stored } from '@infratraq/mongo';
import { entityParameters, pageOf, pageQuery, requireActor } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import type { ChatMessage } from '../collections/chat-message.js';
import type { ChatService } from './chat-service.js';
import { chatSchemas } from './chat-schemas.js';
import { presentMessage } from './present-message.js';
import { messageResponse } from './message-response.js';

const params = z.strictObject({ id: chatSchemas.member.shape.channel });
const place = z.coerce.number().int().min(0).optional();
const rules = z.object({
  slow_mode_seconds: z
    .number()
    .nullable()
    .describe('What a member waits between two messages; null for no wait'),
  retention_days: z.number().nullable().describe('After how many days messages are cut; null keeps them'),
});

/** A channel's history, search, pinned messages and rules. */
export const chatRoutes = defineRoutes<{ readonly chat: ChatService }>(async (app, { chat }) => {
  const rulesOf = async (channel: string) => {
    const { slow_mode_seconds, retention_days } = await chat.rules(channel, requireActor().user_id);
    return { slow_mode_seconds: slow_mode_seconds ?? null, retention_days: retention_days ?? null };
  };

  app.get(
    '/channels/:id/messages',
    {
      config: { access: 'members' },
      schema: {
        summary: "Read a channel's messages before, after or around a seq, oldest first",
        tags: ['messaging'],
        params,
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
    '/messages/:message_id/thread',
    {
      config: { access: 'members' },
      schema: {
        summary: 'List the replies of the thread to which a message belongs, oldest first',
        tags: ['messaging'],
        params: z.strictObject({ message_id: chatSchemas.delete.shape.message_id }),
        querystring: pageQuery,
        response: { 200: pageOf(messageResponse) },
      },
    },
    async ({ params, query }) =>
      presentPage(await chat.messages.listThread(params.message_id, requireActor().user_id, query)),
  );

  app.get(
    '/messages/mentions',
    {
      config: { access: 'members' },
      schema: {
        summary: 'List the messages of all channels that mention one, newest first',
        tags: ['messaging'],
        querystring: pageQuery,
        response: { 200: pageOf(messageResponse) },
      },
    },
    async ({ query }) => presentPage(await chat.messages.listMentions(requireActor().user_id, query)),
  );

  app.get(
    '/entities/:type/:id/messages',
    {
      config: { entityRole: 'viewer' },
      schema: {
        summary: 'List the messages of all channels that link to an entity, newest first',
        tags: ['messaging'],
        params: entityParameters,
        querystring: pageQuery,
        response: { 200: pageOf(messageResponse) },
      },
    },
    async ({ params, query }) => {
      const entity = { entity_type: params.type, entity_id: params.id };
      return presentPage(await chat.messages.listLinking(entity, requireActor().user_id, query));
    },
  );

  app.get(
    '/channels/:id/search',
    {
      config: { access: 'members' },
      schema: {
        summary: "Search a channel's messages, the newest first",
        tags: ['messaging'],
        params,
        querystring: z.strictObject({
          q: chatSchemas.search.shape.text.describe(
            'Words, or phrases in quotation marks, that must all occur',
          ),
          before: place.describe('Messages before this seq'),
          limit: z.coerce.number().int().min(1).max(100).default(20),
        }),
        response: {
          200: z.object({
            items: z.array(messageResponse),
            next_before: z
              .number()
              .nullable()
              .describe('Where to search on, also where nothing was found; null at the beginning'),
          }),
        },
      },
    },
    async ({ params: { id }, query: { q, ...rest } }) => {
      const found = await chat.search(id, requireActor().user_id, { text: q, ...rest });
      return { items: found.messages.map(presentMessage), next_before: found.next_before };
    },
  );

  app.get(
    '/channels/:id/pins',
    {
      config: { access: 'members' },
      schema: {
        summary: 'List the pinned messages of a channel, the latest pin first',
        tags: ['messaging'],
        params,
        response: { 200: z.object({ items: z.array(messageResponse) }) },
      },
    },
    async ({ params: { id } }) => ({
      items: (await chat.pinned(id, requireActor().user_id)).map(presentMessage),
    }),
  );

  app.get(
    '/channels/:id/position',
    {
      config: { access: 'members' },
      schema: {
        summary: 'Read how far one has got in a channel, and how many messages are unread',
        tags: ['messaging'],
        params,
        response: {
          200: z.object({ delivered_seq: z.number(), read_seq: z.number(), unread_count: z.number() }),
        },
      },
    },
    async ({ params: { id } }) => chat.position(id, requireActor().user_id),
  );

  app.get(
    '/channels/:id/rules',
    {
      config: { access: 'members' },
      schema: {
        summary: "Read a channel's slow mode and retention",
        tags: ['messaging'],
        params,
        response: { 200: rules },
      },
    },
    async ({ params: { id } }) => rulesOf(id),
  );

  app.patch(
    '/channels/:id/rules',
    {
      config: { access: 'members' },
      schema: {
        summary: "Change a channel's slow mode or retention, as its owner",
        tags: ['messaging'],
        params,
        body: chatSchemas.rules.strict(),
        response: { 200: rules },
      },
    },
    async ({ params: { id }, body }) => {
      await chat.setRules({ channel: id, user_id: requireActor().user_id, ...body });
      return rulesOf(id);
    },
  );
});

function presentPage({ items, next_cursor }: Page<Stored<ChatMessage>>) {
  return { items: items.map(presentMessage), next_cursor };
}
