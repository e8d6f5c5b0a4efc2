import type { RecipientPreferences } from '@infratraq/kernel';
import { trusted, type Stored } from '@infratraq/mongo';
import { Types } from 'mongoose';
import type { NotificationContext } from '../context/notification-context.js';
import { NotificationDelivery } from '../collections/notification-delivery.js';
import type { AcceptedNotification } from '../postgres/notification-outbox.js';
import type { DirectoryEntry } from '../recipients/directory.js';
import { readClocksOnce, type RoutingClocks } from '../routing/plan-deliveries.js';

/** What decides on sending some deliveries, as read at one moment. */
export interface SendContext {
  readonly deliveries: readonly Stored<NotificationDelivery>[];
  readonly accepted: ReadonlyMap<string, AcceptedNotification>;
  readonly entries: ReadonlyMap<string, DirectoryEntry>;
  readonly preferences: ReadonlyMap<string, RecipientPreferences>;
  /** Notifications that were read on some channel, by `readKey`. */
  readonly read: ReadonlySet<string>;
  /** Notifications about an entity that the recipient may not see any more, by `readKey`. */
  readonly hidden: ReadonlySet<string>;
  readonly clocks: RoutingClocks;
}

// A message that waits for its turn at a provider is checked against a context no older than this.
const longestAgeMilliseconds = 1_000;

/** Makes a reader of the context of some deliveries, which reads again once the last answer is older than a second. */
export function createSendContextReader(
  context: NotificationContext,
  deliveries: readonly Stored<NotificationDelivery>[],
): () => Promise<SendContext> {
  const read = () => ({ at: context.now().getTime(), context: readSendContext(context, deliveries) });
  let last = read();
  return () => {
    if (context.now().getTime() - last.at > longestAgeMilliseconds) last = read();
    return last.context;
  };
}

/** Reads deliveries by their ids and recipients. */
export async function readDeliveries(
  { models }: Pick<NotificationContext, 'models'>,
  references: readonly (readonly [id: string, recipient: string])[],
): Promise<Stored<NotificationDelivery>[]> {
  return models
    .of(NotificationDelivery)
    .find({
      _id: trusted({ $in: references.map(([id]) => new Types.ObjectId(id)) }),
      recipient_id: trusted({ $in: [...new Set(references.map(([, recipient]) => recipient))] }),
    })
    .read('primary')
    .lean<Stored<NotificationDelivery>[]>();
}

async function readSendContext(
  context: NotificationContext,
  deliveries: readonly Stored<NotificationDelivery>[],
): Promise<SendContext> {
  const recipients = [...new Set(deliveries.map(({ recipient_id }) => recipient_id))];
  const notifications = [...new Set(deliveries.map(({ notification_id }) => notification_id))];
  const [accepted, entries, preferences, read] = await Promise.all([
    context.outbox.find(notifications),
    context.directory.find(recipients),
    context.preferencesOf(recipients),
    findRead(context, deliveries),
  ]);
  const hidden = await findHidden(context, deliveries, accepted);
  return {
    deliveries,
    hidden,
    accepted: new Map(accepted.map((row) => [row.notification_id, row])),
    entries: new Map(entries.map((entry) => [entry.user_id, entry])),
    preferences,
    read,
    clocks: readClocksOnce(),
  };
}

/** Key of a notification to a recipient, the same on every channel. */
export function readKey({
  recipient_id,
  notification_id,
}: Pick<NotificationDelivery, 'recipient_id' | 'notification_id'>): string {
  return `${notification_id} ${recipient_id}`;
}

async function findHidden(
  { whoSees }: NotificationContext,
  deliveries: readonly Stored<NotificationDelivery>[],
  accepted: readonly AcceptedNotification[],
): Promise<Set<string>> {
  const hidden = await Promise.all(
    accepted.map(async ({ notification_id, request: { entity } }) => {
      const concerned = deliveries.filter((delivery) => delivery.notification_id === notification_id);
      if (!entity || concerned.length === 0) return [];
      const seeing = new Set(
        await whoSees(entity, [...new Set(concerned.map(({ recipient_id }) => recipient_id))]),
      );
      return concerned.filter(({ recipient_id }) => !seeing.has(recipient_id)).map(readKey);
    }),
  );
  return new Set(hidden.flat());
}

async function findRead(
  { models }: Pick<NotificationContext, 'models'>,
  deliveries: readonly Stored<NotificationDelivery>[],
): Promise<Set<string>> {
  const fallbacks = deliveries.filter(({ fallback_of }) => fallback_of !== undefined);
  if (fallbacks.length === 0) return new Set();
  const notification_ids = [...new Set(fallbacks.map(({ notification_id }) => notification_id))];
  const recipient_ids = [...new Set(fallbacks.map(({ recipient_id }) => recipient_id))];
  const isRead = [
    { state: 'read' },
    { 'engagement.read_at': trusted({ $exists: true }) },
    { 'engagement.dismissed_at': trusted({ $exists: true }) },
  ];
  const found = await models
    .of(NotificationDelivery)
    .find({
      recipient_id: trusted({ $in: recipient_ids }),
      $or: trusted([
        { notification_id: trusted({ $in: notification_ids }) },
        { 'collapsed.notification_id': trusted({ $in: notification_ids }) },
      ]),
      $and: trusted([{ $or: trusted(isRead) }]),
    } as never)
    .select({ recipient_id: 1, notification_id: 1, 'collapsed.notification_id': 1 })
    .lean<Stored<NotificationDelivery>[]>();
  return new Set(
    found.flatMap(({ recipient_id, notification_id, collapsed = [] }) =>
      [notification_id, ...collapsed.map((one) => one.notification_id)].map((id) =>
        readKey({ recipient_id, notification_id: id }),
      ),
    ),
  );
}
