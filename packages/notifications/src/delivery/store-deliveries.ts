import { trusted, type Stored } from '@infratraq/mongo';
import type { NotificationContext } from '../notification-context.js';
import { NotificationDelivery } from '../notification-delivery.js';
import type { DescribedDelivery } from './describe-deliveries.js';
import { acceptDuplicates } from './write-errors.js';

const collapsedKept = 50;

/** Stores deliveries that are not there yet; answers those that are to be delivered. */
export async function storeDeliveries(
  context: Pick<NotificationContext, 'models'>,
  described: readonly DescribedDelivery[],
): Promise<DescribedDelivery[]> {
  if (described.length === 0) return [];
  const collapsing = described.filter(({ document }) => document.collapse_key !== undefined);
  const single = described.filter(({ document }) => document.collapse_key === undefined);
  if (single.length > 0)
    await context.models
      .of(NotificationDelivery)
      // Lean: every field was made here, and a page has hundreds of them.
      .insertMany(single.map(({ document }) => document) as never[], { ordered: false, lean: true })
      .catch(acceptDuplicates);
  return [...single, ...(await collapse(context, collapsing))];
}

/** Puts inbox items into the unread ones with the same collapse key; where there is none, they are that one. */
async function collapse(
  { models }: Pick<NotificationContext, 'models'>,
  described: readonly DescribedDelivery[],
): Promise<DescribedDelivery[]> {
  if (described.length === 0) return [];
  const deliveries = models.of(NotificationDelivery);
  const write = (upsert: boolean) =>
    deliveries
      .bulkWrite(described.map(({ document }) => describeMerge(document, upsert)) as never[], {
        ordered: false,
      })
      .catch(acceptDuplicates);
  await write(true);
  // Two notifications that opened an item at once: one of them was refused, and finds the other's now.
  await write(false);
  const open = await deliveries
    .find({
      recipient_id: trusted({ $in: described.map(({ document }) => document.recipient_id) }),
      collapse_slot: described[0]!.document.collapse_key!,
    })
    .select({ recipient_id: 1 })
    .lean<Pick<Stored<NotificationDelivery>, '_id' | 'recipient_id'>[]>();
  const itemOf = new Map(open.map(({ recipient_id, _id }) => [recipient_id, _id]));
  return described.flatMap(({ document }) => {
    const _id = itemOf.get(document.recipient_id);
    // Read since it was written: there is nothing to announce.
    if (_id === undefined) return [];
    return [{ document: { ...document, _id }, again: !_id.equals(document._id) }];
  });
}

function describeMerge(document: Stored<NotificationDelivery>, upsert: boolean) {
  const { _id, recipient_id, collapse_key, notification_id, title, body, url, template, queued_at } =
    document;
  const { channel: _channel, type, data: _data, ...rest } = document;
  const latest = { title, body, template, queued_at, type, ...(url !== undefined && { url }) };
  const onInsert = Object.fromEntries(
    Object.entries({ ...rest, _id }).filter(([name]) => !(name in latest) && name !== 'recipient_id'),
  );
  const entry = { notification_id, at: queued_at, title, body, ...(url !== undefined && { url }) };
  return {
    updateOne: {
      filter: {
        ...{ recipient_id, collapse_slot: collapse_key, channel: 'in_app' },
        'collapsed.notification_id': trusted({ $ne: notification_id }),
      },
      update: {
        $set: latest,
        ...(url === undefined && { $unset: { url: '' } }),
        $inc: { collapsed_count: 1 },
        $push: { collapsed: { $each: [entry], $slice: -collapsedKept } },
        ...(upsert && { $setOnInsert: onInsert }),
      },
      upsert,
    },
  };
}
