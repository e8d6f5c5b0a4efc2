import type { Stored } from '@infratraq/mongo';
import type { TakenJob } from '@infratraq/postgres';
import type { NotificationContext } from '../context/notification-context.js';
import type { NotificationDelivery } from '../collections/notification-delivery.js';
import { listDeliveriesOfDigest } from '../collections/notification-delivery.queries.js';
import { checkBeforeSending } from '../delivery/check-before-sending.js';
import { digestMessageIdOf } from '../delivery/delivery-id.js';
import { findDevicesReached } from '../delivery/find-devices-reached.js';
import { createSendContextReader, type SendContext } from '../delivery/send-context.js';
import { OutcomeRecorder } from '../delivery/outcome-recorder.js';
import { digestQueue, type DigestJob } from '../jobs/queues.js';
import { defaultDigestType } from './digest-type.js';
import { holdBackDigest } from './hold-back-digest.js';
import type { NextTry } from '../delivery/dispatch.js';
import { sendToAddresses } from '../delivery/send-to-addresses.js';

const itemsShown = 50;

/** Sends what a digest window has collected for a recipient on one channel, as one message. */
export async function sendDigest(context: NotificationContext, job: TakenJob<DigestJob>): Promise<void> {
  const { digest_id, attempt } = job.data;
  const found = await context.models.find(listDeliveriesOfDigest, { digest_id });
  const waiting = found.filter(({ state }) => state === 'queued').sort(byTime);
  const readContext = createSendContextReader(context, waiting);
  const sendContext = await readContext();
  const recorder = new OutcomeRecorder(context);
  const { wanted, until } = await holdBackDigest(context, waiting, sendContext, recorder);
  let next: NextTry | undefined;
  if (until !== undefined) {
    await recorder.postpone(wanted, until);
    next = { at: until, attempt };
  } else if (wanted.length > 0)
    next = await sendTogether(context, job, { wanted, sendContext, readContext, recorder });
  await recorder.flush();
  await context.postgres.db.transaction().execute(async (transaction) => {
    await context.jobs.complete(digestQueue, [job], transaction);
    if (next === undefined) return;
    const data = { ...job.data, attempt: next.attempt };
    const delayMilliseconds = next.at.getTime() - context.now().getTime();
    await context.jobs.add(digestQueue, [{ data, delayMilliseconds, key: digest_id }], { transaction });
  });
}

interface DigestContent {
  readonly wanted: readonly Stored<NotificationDelivery>[];
  readonly sendContext: SendContext;
  readonly readContext: () => Promise<SendContext>;
  readonly recorder: OutcomeRecorder;
}

async function sendTogether(
  context: NotificationContext,
  { data: { digest_id, channel, recipient_id, attempt }, retryCount }: TakenJob<DigestJob>,
  { wanted, sendContext, readContext, recorder }: DigestContent,
): Promise<NextTry | undefined> {
  const delivery_id = digestMessageIdOf(digest_id, wanted);
  const isRepeated = attempt > 1 || retryCount > 0;
  const reached = await findDevicesReached(context, isRepeated && channel === 'push' ? [delivery_id] : []);
  const dispatch = {
    deliveries: wanted,
    delivery_id,
    entry: sendContext.entries.get(recipient_id),
    locale: sendContext.preferences.get(recipient_id)?.locale ?? 'en',
    attempt,
    devicesReached: reached.get(delivery_id) ?? new Set<string>(),
    isWanted: async () => {
      const latest = await readContext();
      const at = context.now();
      const isStill = (one: Stored<NotificationDelivery>) =>
        checkBeforeSending(context, one, latest, at).kind === 'send';
      return latest === sendContext || wanted.every(isStill);
    },
    render: (entry: { name: string }, locale: string) => {
      const items = wanted.slice(0, itemsShown).map(({ type, notification_id }) => {
        const { data } = sendContext.accepted.get(notification_id)!.request;
        const { title, body, url } = context.catalog.render(type, channel, locale, data, entry);
        return { title, body, url: url ?? null };
      });
      const content = { count: wanted.length, more: wanted.length - items.length, items };
      return context.catalog.render(defaultDigestType.type, channel, locale, content, entry);
    },
  };
  return sendToAddresses(context, dispatch, recorder);
}

function byTime(left: NotificationDelivery, right: NotificationDelivery): number {
  return left.queued_at.getTime() - right.queued_at.getTime();
}
