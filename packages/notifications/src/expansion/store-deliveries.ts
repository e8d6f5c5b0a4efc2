import { acceptDuplicates, type Stored, trusted } from '@infratraq/mongo';
import type { NotificationContext } from '../context/notification-context.js';
import { NotificationDelivery } from '../collections/notification-delivery.js';
import type { DescribedDelivery } from './describe-deliveries.js';
import { readDeliveries } from '../delivery/send-context.js';

const collapsedKept = 50;

/** Stores new deliveries and answers those that are to be delivered. */
export async function storeDeliveries(
  context: Pick<NotificationContext, 'models' | 'outbox'>,
  described: readonly DescribedDelivery[],
): Promise<DescribedDelivery[]> {
  const collapsing = described.filter(({ document }) => document.collapse_key !== undefined);
  const single = described.filter(({ document }) => document.collapse_key === undefined);
  const stored = await insertNew(
    context,
    single.map(({ document }) => document),
  );
  const others = stored.map((document) => ({ document }));
  const key = collapsing[0]?.document.collapse_key;
  if (key === undefined) return others;
  // One notification with this key at a time, over all processes: two would open an item each.
  const collapsed = await context.outbox.holdKey(`collapse:${key}`, () => collapse(context, collapsing));
  return [...others, ...collapsed];
}

/**
 * Stores deliveries and answers them as they are stored. A process that died before it added their jobs may have planned
 * them for another digest, which is the one that counts.
 */
async function insertNew(
  context: Pick<NotificationContext, 'models'>,
  documents: readonly Stored<NotificationDelivery>[],
): Promise<readonly Stored<NotificationDelivery>[]> {
  if (documents.length === 0) return documents;
  try {
    // Lean, because nothing needs casting and a page has hundreds of deliveries.
    const options = { ordered: false, lean: true } as const;
    await context.models.of(NotificationDelivery).insertMany(documents as never[], options);
    return documents;
  } catch (error) {
    acceptDuplicates(error);
    const references = documents.map(({ _id, recipient_id }) => [String(_id), recipient_id] as const);
    return readDeliveries(context, references);
  }
}

/** Merges notifications into the unread inbox items with their collapse key, or opens new items. */
async function collapse(
  context: Pick<NotificationContext, 'models'>,
  described: readonly DescribedDelivery[],
): Promise<DescribedDelivery[]> {
  const deliveries = context.models.of(NotificationDelivery);
  const [{ notification_id }] = described.map(({ document }) => document) as [NotificationDelivery];
  await deliveries.bulkWrite(described.map(({ document }) => describeMerge(document)) as never[]);
  const holding = await deliveries
    .find({
      recipient_id: trusted({ $in: described.map(({ document }) => document.recipient_id) }),
      'collapsed.notification_id': notification_id,
      collapse_key: trusted({ $exists: true }),
    })
    .select({ recipient_id: 1 })
    .lean<Pick<Stored<NotificationDelivery>, '_id' | 'recipient_id'>[]>();
  const itemOf = new Map(holding.map(({ recipient_id, _id }) => [recipient_id, _id]));
  const opened = described.filter(({ document }) => !itemOf.has(document.recipient_id));
  await insertNew(
    context,
    opened.map(({ document }) => ({ ...document, collapsed_count: 1, collapsed: [entryOf(document)] })),
  );
  return described.map(({ document }) => {
    const _id = itemOf.get(document.recipient_id) ?? document._id;
    return { document: { ...document, _id }, again: !_id.equals(document._id) };
  });
}

function describeMerge(document: Stored<NotificationDelivery>) {
  const { recipient_id, collapse_key, notification_id, title, body, url, template, queued_at, type } =
    document;
  return {
    updateOne: {
      filter: {
        recipient_id,
        collapse_key,
        channel: 'in_app',
        unread: true,
        'collapsed.notification_id': trusted({ $ne: notification_id }),
      },
      update: {
        $set: { title, body, template, queued_at, type, ...(url !== undefined && { url }) },
        ...(url === undefined && { $unset: { url: '' } }),
        $inc: { collapsed_count: 1 },
        $push: { collapsed: { $each: [entryOf(document)], $slice: -collapsedKept } },
      },
    },
  };
}

function entryOf({ notification_id, queued_at, title, body, url }: NotificationDelivery) {
  return { notification_id, at: queued_at, title, body, ...(url !== undefined && { url }) };
}
