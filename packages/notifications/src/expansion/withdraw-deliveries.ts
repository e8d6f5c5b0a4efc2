import { notificationChannels } from '@infratraq/kernel';
import { trusted } from '@infratraq/mongo';
import type { NotificationContext } from '../context/notification-context.js';
import { NotificationDelivery } from '../collections/notification-delivery.js';
import { listInboxItemsThatHold } from '../collections/notification-delivery.queries.js';
import type { WithdrawJob } from '../jobs/queues.js';

// The inbox has its items at once.
const channelsThatWait = notificationChannels.filter((channel) => channel !== 'in_app');

/** Cancels what of a notification still waits; a retraction also removes it from inboxes. Idempotent. */
export async function withdrawDeliveries(
  context: Pick<NotificationContext, 'models' | 'now' | 'events'>,
  { notification_id, withdrawal }: WithdrawJob,
): Promise<void> {
  const deliveries = context.models.of(NotificationDelivery);
  const at = context.now();
  await deliveries.updateMany(
    { notification_id, state: 'queued', channel: trusted({ $in: channelsThatWait }) },
    {
      $set: { state: 'cancelled' },
      $push: { transitions: { to: 'cancelled', at, reported_by: 'operator', reason: withdrawal } },
    },
  );
  if (withdrawal !== 'retracted') return;
  const shown = { notification_id, channel: 'in_app', collapse_key: trusted({ $exists: false }) } as const;
  const items = await deliveries
    .find({ ...shown, retracted_at: trusted({ $exists: false }) })
    .select({ recipient_id: 1 })
    .lean();
  await deliveries.updateMany(shown, { $set: { retracted_at: at }, $unset: { unread: '' } });
  for (const { _id, recipient_id } of items) announce(context, recipient_id, _id);
  for (const item of await context.models.find(listInboxItemsThatHold, { notification_id })) {
    await takeOut(context, item._id, notification_id);
    announce(context, item.recipient_id, item._id);
  }
}

/** Removes a notification from an inbox item that stands for several; the item shows the last one that is left. */
async function takeOut(
  { models, now }: Pick<NotificationContext, 'models' | 'now'>,
  id: NotificationDelivery['_id'],
  notificationId: string,
): Promise<void> {
  const deliveries = models.of(NotificationDelivery);
  for (;;) {
    const item = await deliveries.findById(id).lean<NotificationDelivery | null>();
    const held = item?.collapsed ?? [];
    const left = held.filter(({ notification_id }) => notification_id !== notificationId);
    if (item === null || left.length === held.length) return;
    const last = left.at(-1);
    const change =
      last === undefined
        ? {
            $set: { retracted_at: now(), collapsed: left },
            $unset: { unread: '' },
          }
        : {
            $set: {
              title: last.title,
              body: last.body,
              collapsed: left,
              ...(last.url !== undefined && { url: last.url }),
              collapsed_count: Math.max(1, (item.collapsed_count ?? 1) - 1),
            },
            ...(last.url === undefined && { $unset: { url: '' } }),
          };
    // If another notification joins meanwhile, the count differs, and the item is read again.
    const unchanged = { _id: id, collapsed_count: item.collapsed_count ?? 1 };
    const { matchedCount } = await deliveries.updateOne(unchanged, change as never);
    if (matchedCount === 1) return;
  }
}

function announce({ events }: Pick<NotificationContext, 'events'>, user_id: string, id: unknown): void {
  events.emit('inbox:changed', { user_id, item_id: String(id) });
}
