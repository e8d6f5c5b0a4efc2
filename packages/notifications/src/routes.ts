import { notificationChannels } from '@infratraq/kernel';
import { pageOf, pageQuery, requireActor, timestamp } from '@infratraq/transport';
import { defineRoutes } from '@infratraq/transport/fastify';
import { z } from 'zod';
import type { MailComplaints } from './complaints/mail-complaints.js';
import { complaintRoutes } from './complaints/complaint-routes.js';
import { itemResponse, presentItem } from './inbox/present-item.js';
import type { Inbox } from './inbox/inbox.js';
import type { NotificationService } from './service/notification-service.js';

/** What the routes work with. */
interface NotificationRoutesOptions {
  readonly notifications: NotificationService;
  readonly inbox: Inbox;
  /** Absent: nobody is shown what their mailbox has called spam. */
  readonly complaints?: MailComplaints;
}

const tags = ['notifications'];
const roles = ['operator', 'admin'] as const;
const key = z.string().min(1).max(200);
const names = z.array(key).max(10_000);
const channel = z.enum(notificationChannels);
const itemParameters = z.strictObject({ id: z.string().min(1).max(100) });
const data = z.record(z.string(), z.unknown());
const done = z.null().describe('Done');

const requestBody = z.strictObject({
  to: z.strictObject({
    users: names.optional(),
    groups: names.optional(),
    followers_of: z.strictObject({ entity_type: key, entity_id: key }).optional(),
    except: names.optional(),
  }),
  type: key,
  data,
  channels: z.array(channel).min(1).max(notificationChannels.length).optional(),
  entity: z.strictObject({ entity_type: z.string().min(1).max(100), entity_id: key }).optional(),
  idempotency_key: key.optional().describe('The same key sends once'),
  collapse_key: key.optional().describe('Shares one inbox item while that is unread'),
  throttle_key: key.optional().describe('At most one per recipient in the throttle window of the type'),
  not_after: timestamp.optional().describe('Of no use after this time'),
});

/** Sending notifications, previews of them, and one's own inbox. */
export const notificationRoutes = defineRoutes<NotificationRoutesOptions>(
  async (app, { notifications, inbox, complaints }) => {
    if (complaints) await app.register(complaintRoutes, { complaints });
    app.post(
      '/notifications',
      {
        config: { roles, errors: [404] },
        schema: {
          summary: 'Send a notification to users, groups or the followers of an entity',
          tags,
          body: requestBody,
          response: { 202: z.object({ notification_id: z.string() }) },
        },
      },
      async ({ body }, reply) => reply.status(202).send(await notifications.send(body)),
    );

    app.post(
      '/notifications/preview',
      {
        config: { roles, errors: [404] },
        schema: {
          summary: 'Show what a recipient would get, without sending it',
          tags,
          body: z.strictObject({
            type: key,
            channel,
            data,
            locale: z.string().min(2).max(35).default('en'),
          }),
          response: {
            200: z.object({
              title: z.string(),
              body: z.string(),
              html: z.string().optional(),
              url: z.string().optional(),
              template: z.object({ name: z.string(), version: z.string(), locale: z.string() }),
            }),
          },
        },
      },
      async ({ body }) => notifications.preview(body),
    );

    app.get(
      '/notifications/types',
      {
        config: { access: 'shared' },
        schema: {
          summary: 'List the types of notifications',
          tags,
          response: {
            200: z.object({
              items: z.array(
                z.object({
                  type: z.string(),
                  critical: z.boolean(),
                  default_channels: z.array(channel),
                  channels: z.array(channel).describe('Channels for which it is worded'),
                }),
              ),
            }),
          },
        },
      },
      async () => ({
        items: notifications.listTypes().map(({ type, critical, defaultChannels, templates }) => ({
          type,
          critical,
          default_channels: [...defaultChannels],
          channels: notificationChannels.filter((one) => templates[one] !== undefined),
        })),
      }),
    );

    app.post(
      '/notifications/retract',
      {
        config: { roles },
        schema: {
          summary: 'Take back what was sent under an idempotency key, inbox items included',
          tags,
          body: z.strictObject({ idempotency_key: key }),
          response: { 204: done },
        },
      },
      async ({ body }, reply) => {
        await notifications.retract(body.idempotency_key);
        return reply.status(204).send(null);
      },
    );

    app.post(
      '/notifications/:id/cancel',
      {
        config: { roles },
        schema: {
          summary: 'Cancel what of a notification has not been sent yet',
          tags,
          params: z.strictObject({ id: z.uuid() }),
          response: { 204: done },
        },
      },
      async ({ params }, reply) => {
        await notifications.cancel(params.id);
        return reply.status(204).send(null);
      },
    );

    app.post(
      '/notifications/deliveries/:id/replay',
      {
        config: { roles },
        schema: {
          summary: 'Begin a delivery again that was given up',
          tags,
          params: itemParameters,
          response: { 204: done },
        },
      },
      async ({ params }, reply) => {
        await notifications.replay([params.id]);
        return reply.status(204).send(null);
      },
    );

    app.get(
      '/notifications',
      {
        config: { access: 'own' },
        schema: {
          summary: "List one's own inbox, newest first",
          tags,
          querystring: pageQuery.extend({ unread: z.stringbool().optional().describe('Only unread items') }),
          response: { 200: pageOf(itemResponse).extend({ unread: z.int().describe('Unread items in all') }) },
        },
      },
      async ({ query }) => {
        const { user_id } = requireActor();
        const page = await inbox.list(user_id, query);
        // Counted after listing, so that the count covers what is listed.
        const unread = await inbox.countUnread(user_id);
        return { items: page.items.map(presentItem), next_cursor: page.next_cursor, unread };
      },
    );

    app.post(
      '/notifications/read-all',
      {
        config: { access: 'own' },
        schema: {
          summary: 'Mark all of the inbox as read',
          tags,
          response: { 200: z.object({ read: z.int().describe('How many items were unread') }) },
        },
      },
      async () => ({ read: await inbox.markAllRead(requireActor().user_id) }),
    );

    const acts = {
      seen: [
        'Mark an inbox item as seen',
        async (user: string, id: string) => {
          await inbox.find(user, id);
          await inbox.markSeen(user, [id]);
        },
      ],
      read: ['Mark an inbox item as read', (user: string, id: string) => inbox.markRead(user, id)],
      clicked: [
        'Say that an inbox item was followed',
        (user: string, id: string) => inbox.markClicked(user, id),
      ],
      archive: ['Put an inbox item away', (user: string, id: string) => inbox.archive(user, id)],
    } as const;
    for (const [act, [summary, run]] of Object.entries(acts))
      app.post(
        `/notifications/:id/${act}`,
        {
          config: { access: 'own' },
          schema: { summary, tags, params: itemParameters, response: { 204: done } },
        },
        async ({ params }, reply) => {
          await run(requireActor().user_id, params.id);
          return reply.status(204).send(null);
        },
      );
  },
);
