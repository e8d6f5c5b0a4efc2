import type { Stored } from '@infratraq/mongo';
import type { NewJob, TakenJob } from '@infratraq/postgres';
import type { NotificationContext } from '../context/notification-context.js';
import type { NotificationDelivery } from '../collections/notification-delivery.js';
import { beginAgain } from './begin-again.js';
import { checkBeforeSending } from './check-before-sending.js';
import { findDevicesReached } from './find-devices-reached.js';
import { createSendContextReader, readDeliveries, type SendContext } from './send-context.js';
import { OutcomeRecorder } from './outcome-recorder.js';
import { deliverQueue, type DeliverJob } from '../jobs/queues.js';
import type { Dispatch } from './dispatch.js';
import { sendToAddresses } from './send-to-addresses.js';

/**
 * Sends the deliveries of one job.
 *
 * The outcomes are stored before the job ends, and the job ends together with the new jobs for what is left. If the
 * process dies in between, the job runs again and skips what was stored as sent.
 */
export async function deliverBatch(context: NotificationContext, job: TakenJob<DeliverJob>): Promise<void> {
  const { deliveries: references, attempt, again = false, replay_id } = job.data;
  if (replay_id !== undefined) await beginAgain(context, references, replay_id);
  const found = (await readDeliveries(context, references)).filter(
    (delivery) => replay_id === undefined || delivery.replay_id === replay_id,
  );
  const waiting = found.filter(({ state }) => state === 'queued' || (again && state !== 'cancelled'));
  const readContext = createSendContextReader(context, waiting);
  const sendContext = await readContext();
  const isRepeated = again || attempt > 1 || job.retryCount > 0;
  const pushes = waiting.filter(({ channel }) => isRepeated && channel === 'push');
  const reached = await findDevicesReached(
    context,
    pushes.map(({ _id }) => String(_id)),
  );
  const recorder = new OutcomeRecorder(context);
  const left: LeftDelivery[] = [];
  const at = context.now();
  const results = await Promise.allSettled(
    waiting.map(async (delivery) => {
      const next = await deliverOne(context, {
        delivery,
        sendContext,
        readContext,
        attempt,
        reached,
        recorder,
        at,
      });
      if (next) left.push(next);
    }),
  );
  // Stored even if a delivery has thrown, because the whole job runs again.
  await recorder.flush();
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  await context.postgres.db.transaction().execute(async (transaction) => {
    await context.jobs.add(deliverQueue, groupLeft(left, context.now()), { transaction });
    await context.jobs.complete(deliverQueue, [job], transaction);
  });
}

interface LeftDelivery {
  readonly reference: readonly [id: string, recipient: string];
  readonly at: Date;
  readonly attempt: number;
  readonly again?: boolean;
}

async function deliverOne(
  context: NotificationContext,
  {
    delivery,
    sendContext,
    readContext,
    attempt,
    reached,
    recorder,
    at,
  }: {
    delivery: Stored<NotificationDelivery>;
    sendContext: SendContext;
    readContext: () => Promise<SendContext>;
    attempt: number;
    reached: ReadonlyMap<string, ReadonlySet<string>>;
    recorder: OutcomeRecorder;
    at: Date;
  },
): Promise<LeftDelivery | undefined> {
  const reference = [String(delivery._id), delivery.recipient_id] as const;
  const verdict = checkBeforeSending(context, delivery, sendContext, at);
  if (verdict.kind === 'drop') {
    await recorder.drop([delivery], verdict.to, verdict.reason);
    return undefined;
  }
  if (verdict.kind === 'wait') {
    await recorder.postpone([delivery], verdict.until);
    return { reference, at: verdict.until, attempt };
  }
  const { request } = sendContext.accepted.get(delivery.notification_id)!;
  const own = sendContext.preferences.get(delivery.recipient_id);
  const dispatch: Dispatch = {
    deliveries: [delivery],
    delivery_id: reference[0],
    entry: sendContext.entries.get(delivery.recipient_id),
    locale: own?.locale ?? 'en',
    attempt,
    devicesReached: reached.get(reference[0]) ?? new Set(),
    ...(request.collapse_key !== undefined && { collapse_key: request.collapse_key }),
    render: (entry, locale) =>
      context.catalog.render(delivery.type, delivery.channel, locale, request.data, entry),
    data: request.data,
    may_track_clicks: own?.track_clicks,
    isWanted: async () => {
      const latest = await readContext();
      return (
        latest === sendContext || checkBeforeSending(context, delivery, latest, context.now()).kind === 'send'
      );
    },
  };
  const next = await sendToAddresses(context, dispatch, recorder);
  return next && { reference, ...next };
}

function groupLeft(left: readonly LeftDelivery[], now: Date): NewJob<DeliverJob>[] {
  const groups = new Map<string, LeftDelivery[]>();
  for (const one of left) {
    const key = `${one.at.getTime()} ${one.attempt} ${one.again === true}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((group) => ({
    data: {
      deliveries: group.map(({ reference }) => reference),
      attempt: group[0]!.attempt,
      ...(group[0]!.again && { again: true }),
    },
    delayMilliseconds: group[0]!.at.getTime() - now.getTime(),
  }));
}
