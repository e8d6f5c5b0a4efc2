import type { Channel } from '@infratraq/chat-wire';
import { pageOf, pageQuery, requireActor, timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import { messageResponse } from '../message-response.js';
import { presentMessage } from '../present-message.js';
import type { ChannelView } from './channel-lists.js';
import { channelSchemas } from './channel-schemas.js';
import type { ChannelService } from './channel-service.js';

const params = z.strictObject({ id: channelSchemas.channel });
const memberParams = params.extend({ user: channelSchemas.user_id });
const role = z.enum(['owner', 'manager', 'member', 'reader']);
const tags = ['messaging'];
const channelResponse = z.object({
  channel_id: z.string(),
  kind: z.enum(['entity', 'group', 'direct']),
  title: z.string().describe('Empty for direct channels'),
  entity_type: z.string().nullable(),
  entity_id: z.string().nullable(),
  created_by: z.string().nullable(),
  created_at: timestamp,
  archived_at: timestamp.nullable().describe('Read-only since then; null while the channel is in use'),
  members_by_scope: z.boolean().describe('Everybody who may see the entity is a member'),
  muted: z.boolean().describe('Mentions in the channel send no notifications'),
  role: role.nullable().describe('Null for an operator who is no member'),
  latest_seq: z.number().nullable().describe('Null, as the next three, for an operator who is no member'),
  read_seq: z.number().nullable(),
  unread_count: z
    .number()
    .nullable()
    .describe('What there is to read; of what was deleted, the newest thousand messages are left out'),
  last_message: messageResponse.nullable(),
});

/** Channels that people make, their members, and the caller's own list. */
export const channelRoutes = defineRoutes<{ readonly channels: ChannelService }>(
  async (app, { channels }) => {
    app.get(
      '/channels',
      {
        config: { access: 'members' },
        schema: {
          summary: "List one's channels, the latest joined first, with unread counts and last messages",
          tags,
          querystring: pageQuery.extend({
            archived: z.stringbool().default(false).describe('Also those that are archived'),
          }),
          response: { 200: pageOf(channelResponse) },
        },
      },
      async ({ query }) => {
        const { items, next_cursor } = await channels.list(requireActor(), query);
        return { items: items.map(present), next_cursor };
      },
    );

    app.post(
      '/channels',
      {
        config: { access: 'members' },
        schema: {
          summary: 'Make a channel',
          description:
            'Answers 200 with the channel that stands for a repeated `client_channel_id`, and for two users who have one.',
          tags,
          body: channelSchemas.create,
          response: { 200: channelResponse, 201: channelResponse },
        },
      },
      async ({ body }, reply) => {
        const { channel, created } = await channels.create(requireActor(), body);
        return reply.status(created ? 201 : 200).send(present(channel));
      },
    );

    app.get(
      '/channels/:id',
      {
        config: { access: 'members' },
        schema: {
          summary: 'Read a channel with its stored members',
          tags,
          params,
          response: {
            200: channelResponse.extend({ members: z.array(z.object({ user_id: z.string(), role })) }),
          },
        },
      },
      async ({ params: { id } }) => {
        const channel = await channels.get(requireActor(), id);
        return { ...present(channel), members: [...channel.members] };
      },
    );

    app.patch(
      '/channels/:id',
      {
        config: { access: 'members' },
        schema: {
          summary: 'Rename a channel, archive it, or take it back into use, as a manager',
          tags,
          params,
          body: channelSchemas.change,
          response: { 200: channelResponse },
        },
      },
      async ({ params: { id }, body }) => present(await channels.change(requireActor(), id, body)),
    );

    app.delete(
      '/channels/:id',
      {
        config: { access: 'members', errors: [409] },
        schema: {
          summary: 'Archive a channel: it is kept and can be read, but not changed',
          tags,
          params,
          response: { 200: channelResponse },
        },
      },
      async ({ params: { id } }) => present(await channels.change(requireActor(), id, { archived: true })),
    );

    app.put(
      '/channels/:id/members/:user',
      {
        config: { access: 'members' },
        schema: {
          summary: "Add a member, or change a member's role, as a manager",
          tags,
          params: memberParams,
          body: channelSchemas.member,
          response: { 200: z.object({ channel_id: z.string(), user_id: z.string(), role }) },
        },
      },
      async ({ params: { id, user }, body }) => {
        const member = await channels.putMember(requireActor(), id, { ...body, user_id: user });
        return { channel_id: id, ...member };
      },
    );

    app.delete(
      '/channels/:id/members/:user',
      {
        config: { access: 'members', errors: [409] },
        schema: {
          summary: 'Remove a member as a manager, or leave',
          tags,
          params: memberParams,
          querystring: z.strictObject({
            successor: channelSchemas.user_id
              .optional()
              .describe(
                'The member who manages the channel from now on; else it is archived with its last manager',
              ),
          }),
          response: { 200: z.object({ archived: z.boolean() }) },
        },
      },
      async ({ params: { id, user }, query }) => channels.removeMember(requireActor(), id, user, query),
    );

    for (const [method, on] of [
      ['put', true],
      ['delete', false],
    ] as const)
      app[method](
        '/channels/:id/mute',
        {
          config: { access: 'members' },
          schema: {
            summary: `Turn notifications of mentions in a channel ${on ? 'off' : 'on again'}, for oneself`,
            tags,
            params,
            response: { 200: z.object({ muted: z.boolean() }) },
          },
        },
        async ({ params: { id } }) => {
          await channels.mute(requireActor(), id, on);
          return { muted: on };
        },
      );
  },
);

function present({ activity, ...channel }: ChannelView): Channel<Date> {
  return {
    ...channel,
    latest_seq: activity?.latest_seq ?? null,
    read_seq: activity?.read_seq ?? null,
    unread_count: activity?.unread_count ?? null,
    last_message: activity?.last_message ? presentMessage(activity.last_message) : null,
  };
}
