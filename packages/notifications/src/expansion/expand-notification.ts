import type { NotificationChannel } from '@infratraq/kernel';
import { chunk } from '../jobs/chunk.js';
import type { NewJob, OpenTransaction, TakenJob } from '@infratraq/postgres';
import type { StoredRequest, AcceptedNotification } from '../postgres/notification-outbox.js';
import { servesChannel, type NotificationContext } from '../context/notification-context.js';
import type { NotificationType } from '../templates/notification-type.js';
import { listUnreached, planDeliveries, readClocksOnce } from '../routing/plan-deliveries.js';
import {
  describeDeliveries,
  describeUnreached,
  type DescribedDelivery,
  type UnreachedSubject,
} from './describe-deliveries.js';
import {
  deliveriesPerJob,
  deliverQueue,
  digestQueue,
  expandQueue,
  type DeliverJob,
  type DigestJob,
  type ExpandJob,
} from '../jobs/queues.js';
import { storeDeliveries } from './store-deliveries.js';
import { withdrawDeliveries } from './withdraw-deliveries.js';

const recipientsPerPage = 500;

/**
 * Expands one page of a notification's audience into deliveries.
 *
 * The deliveries are stored first. Then, in one transaction, the jobs that deliver them and the next page are added, and
 * this job ends. If the process dies in between, the page is expanded again, under the same ids.
 */
export async function expandNotification(
  context: NotificationContext,
  job: TakenJob<ExpandJob>,
): Promise<void> {
  const { notification_id, after } = job.data;
  const [accepted] = await context.outbox.find([notification_id]);
  const page =
    accepted === undefined || accepted.withdrawal !== null
      ? { recipients: [], stored: [] }
      : await storePage(context, accepted, after);
  await context.postgres.db.transaction().execute(async (transaction) => {
    const withdrawal = await context.outbox.holdWithdrawal(notification_id, transaction);
    // Withdrawn while this page was stored: the withdrawal did not see its deliveries.
    if (withdrawal !== null) await withdrawDeliveries(context, { notification_id, withdrawal });
    else await addJobs(context, { notification_id, ...page }, transaction);
    await context.jobs.complete(expandQueue, [job], transaction);
  });
  for (const { document } of page.stored)
    if (document.channel === 'in_app')
      context.events.emit('inbox:changed', { user_id: document.recipient_id, item_id: String(document._id) });
}

interface ExpandedPage {
  readonly recipients: readonly string[];
  readonly stored: readonly DescribedDelivery[];
}

async function storePage(
  context: NotificationContext,
  accepted: AcceptedNotification,
  after: string | undefined,
): Promise<ExpandedPage> {
  const { request } = accepted;
  const type = context.catalog.typeOf(request.type);
  const recipients = await context.directory.listAudience(request.to, { after, limit: recipientsPerPage });
  const { entity } = request;
  const seeing = entity && recipients.length > 0 ? await context.whoSees(entity, recipients) : recipients;
  const admitted = await admitByThrottle(context, accepted, type, seeing);
  const [entries, preferences] = await Promise.all([
    context.directory.find(admitted),
    context.preferencesOf(admitted),
  ]);
  const at = context.now();
  const clocks = readClocksOnce();
  const described: DescribedDelivery[] = [];
  const unreached = describeAbsent({ accepted, type, at }, [
    ['the recipient may not see the entity', without(recipients, seeing)],
    [
      'there is no active user of this name',
      without(
        admitted,
        entries.map(({ user_id }) => user_id),
      ),
    ],
  ]);
  for (const entry of entries) {
    const own = preferences.get(entry.user_id);
    if (own === undefined) continue;
    const serves = (channel: NotificationChannel) => servesChannel(context, channel);
    const routing = { type, request, entry, preferences: own, at, clocks, serves };
    const planned = planDeliveries(routing);
    const subject = { accepted, type, entry, locale: own.locale, at };
    described.push(...describeDeliveries(context, subject, planned));
    unreached.push(...describeUnreached(subject, listUnreached(routing, planned)));
  }
  await storeDeliveries(context, unreached);
  return { recipients, stored: await storeDeliveries(context, described) };
}

function without(all: readonly string[], some: readonly string[]): string[] {
  const known = new Set(some);
  return all.filter((one) => !known.has(one));
}

/** Describes the records of recipients to whom nothing is sent at all. */
function describeAbsent(
  subject: Omit<UnreachedSubject, 'entry'>,
  absent: readonly (readonly [reason: string, recipients: readonly string[]])[],
): DescribedDelivery[] {
  return absent.flatMap(([reason, recipients]) =>
    recipients.flatMap((user_id) =>
      describeUnreached({ ...subject, entry: { user_id } }, [{ channel: 'in_app', reason }]),
    ),
  );
}

async function admitByThrottle(
  { outbox, now }: NotificationContext,
  { notification_id, request }: { notification_id: string; request: StoredRequest },
  type: NotificationType,
  recipients: readonly string[],
): Promise<readonly string[]> {
  const { throttle_key } = request;
  if (throttle_key === undefined) return recipients;
  const at = now();
  const until = new Date(at.getTime() + type.throttle_seconds * 1_000);
  return outbox.takeTurns({ type: type.type, throttle_key, notification_id, at, until }, recipients);
}

async function addJobs(
  { jobs, now }: NotificationContext,
  { notification_id, recipients, stored }: ExpandedPage & { notification_id: string },
  transaction: OpenTransaction,
): Promise<void> {
  const options = { transaction };
  const single = stored.filter(({ document }) => document.digest_id === undefined);
  const collected = stored.filter(({ document }) => document.digest_id !== undefined);
  await jobs.add(deliverQueue, groupByTime(single, now()), options);
  await jobs.add(
    digestQueue,
    collected.map(({ document }) => describeDigestJob(document, now())),
    options,
  );
  if (recipients.length === recipientsPerPage)
    await jobs.add(expandQueue, [{ data: { notification_id, after: recipients.at(-1)! } }], options);
}

function groupByTime(stored: readonly DescribedDelivery[], now: Date): NewJob<DeliverJob>[] {
  const groups = new Map<string, DescribedDelivery[]>();
  for (const delivery of stored) {
    const { due_at } = delivery.document;
    const key = `${due_at.getTime()} ${delivery.again === true}`;
    const group = groups.get(key);
    if (group) group.push(delivery);
    else groups.set(key, [delivery]);
  }
  return [...groups.values()].flatMap((group) =>
    chunk(group, deliveriesPerJob).map((part) => ({
      data: {
        deliveries: part.map(({ document }) => [String(document._id), document.recipient_id] as const),
        attempt: 1,
        ...(part[0]!.again && { again: true }),
      },
      delayMilliseconds: part[0]!.document.due_at.getTime() - now.getTime(),
    })),
  );
}

function describeDigestJob(
  { recipient_id, channel, due_at, digest_id = '' }: DescribedDelivery['document'],
  now: Date,
): NewJob<DigestJob> {
  return {
    data: { digest_id, recipient_id, channel, attempt: 1 },
    delayMilliseconds: due_at.getTime() - now.getTime(),
    key: digest_id,
  };
}
