import type { Stored } from '@infratraq/mongo';
import type { TakenJob } from '@infratraq/postgres';
import { z } from 'zod';
import type { NotificationContext } from '../notification-context.js';
import type { NotificationDelivery } from '../notification-delivery.js';
import { listDeliveriesOfDigest } from '../notification-delivery.queries.js';
import { defineNotificationType } from '../notification-type.js';
import { checkBeforeSending } from './check-before-sending.js';
import { digestMessageIdOf } from './delivery-id.js';
import { findDevicesReached } from './find-devices-reached.js';
import { createLookout, type Surroundings } from './look-around.js';
import { OutcomeRecorder } from './outcome-recorder.js';
import { digestQueue, type DigestJob } from './queues.js';
import { sendToAddresses, type NextTry } from './send-to-addresses.js';

const itemsShown = 50;

/** The type that words digests unless the application declares one of this name itself. */
export const defaultDigestType = defineNotificationType({
  type: 'notification.digest',
  schema: z.object({
    count: z.int(),
    more: z.int(),
    items: z.array(z.object({ title: z.string(), body: z.string(), url: z.string().nullable() })),
  }),
  defaultChannels: ['email'],
  templates: {
    email: {
      en: {
        subject: '{{ count }} {% if count == 1 %}notification{% else %}notifications{% endif %}',
        html:
          '<ul>{% for item in items %}<li><strong>{{ item.title }}</strong><br>{{ item.body }}' +
          '{% if item.url %} <a href="{{ item.url }}">Open</a>{% endif %}</li>{% endfor %}</ul>' +
          '{% if more > 0 %}<p>and {{ more }} more</p>{% endif %}',
      },
      de: {
        subject: '{{ count }} {% if count == 1 %}Benachrichtigung{% else %}Benachrichtigungen{% endif %}',
        html:
          '<ul>{% for item in items %}<li><strong>{{ item.title }}</strong><br>{{ item.body }}' +
          '{% if item.url %} <a href="{{ item.url }}">Öffnen</a>{% endif %}</li>{% endfor %}</ul>' +
          '{% if more > 0 %}<p>und {{ more }} weitere</p>{% endif %}',
      },
    },
    push: {
      en: {
        title: '{{ count }} {% if count == 1 %}notification{% else %}notifications{% endif %}',
        body: '{{ items.first.title }}{% if count > 1 %} …{% endif %}',
      },
      de: {
        title: '{{ count }} {% if count == 1 %}Benachrichtigung{% else %}Benachrichtigungen{% endif %}',
        body: '{{ items.first.title }}{% if count > 1 %} …{% endif %}',
      },
    },
    sms: {
      en: { body: '{{ count }} new: {{ items.first.title }}{% if count > 1 %} …{% endif %}' },
      de: { body: '{{ count }} neu: {{ items.first.title }}{% if count > 1 %} …{% endif %}' },
    },
  },
});

/** Sends what one digest window has collected for a recipient on a channel, as one message. */
export async function sendDigest(context: NotificationContext, job: TakenJob<DigestJob>): Promise<void> {
  const { digest_id, attempt } = job.data;
  const found = await context.models.find(listDeliveriesOfDigest, { digest_id });
  const waiting = found.filter(({ state }) => state === 'queued').sort(byTime);
  const look = createLookout(context, waiting);
  const around = await look();
  const recorder = new OutcomeRecorder(context);
  const { wanted, until } = await checkEach(context, waiting, around, recorder);
  let next: NextTry | undefined;
  if (until !== undefined) {
    await recorder.postpone(wanted, until);
    next = { at: until, attempt };
  } else if (wanted.length > 0) next = await sendTogether(context, job, { wanted, around, look, recorder });
  await recorder.flush();
  await context.postgres.db.transaction().execute(async (transaction) => {
    await context.jobs.complete(digestQueue, [job], transaction);
    if (next === undefined) return;
    const data = { ...job.data, attempt: next.attempt };
    const delayMilliseconds = next.at.getTime() - context.now().getTime();
    await context.jobs.add(digestQueue, [{ data, delayMilliseconds, key: digest_id }], { transaction });
  });
}

async function checkEach(
  context: NotificationContext,
  waiting: readonly Stored<NotificationDelivery>[],
  around: Surroundings,
  recorder: OutcomeRecorder,
): Promise<{ wanted: Stored<NotificationDelivery>[]; until: Date | undefined }> {
  const wanted: Stored<NotificationDelivery>[] = [];
  const at = context.now();
  let until: Date | undefined;
  for (const delivery of waiting) {
    const verdict = checkBeforeSending(context, delivery, around, at);
    if (verdict.kind === 'drop') {
      await recorder.drop([delivery], verdict.to, verdict.reason);
      continue;
    }
    if (verdict.kind === 'wait') until = verdict.until;
    wanted.push(delivery);
  }
  return { wanted, until };
}

interface DigestContent {
  readonly wanted: readonly Stored<NotificationDelivery>[];
  readonly around: Surroundings;
  readonly look: () => Promise<Surroundings>;
  readonly recorder: OutcomeRecorder;
}

async function sendTogether(
  context: NotificationContext,
  { data: { digest_id, channel, recipient_id, attempt }, retryCount }: TakenJob<DigestJob>,
  { wanted, around, look, recorder }: DigestContent,
): Promise<NextTry | undefined> {
  const delivery_id = digestMessageIdOf(digest_id, wanted);
  const isRepeated = attempt > 1 || retryCount > 0;
  const reached = await findDevicesReached(context, isRepeated && channel === 'push' ? [delivery_id] : []);
  const dispatch = {
    deliveries: wanted,
    delivery_id,
    entry: around.entries.get(recipient_id),
    locale: around.preferences.get(recipient_id)?.locale ?? 'en',
    attempt,
    devicesReached: reached.get(delivery_id) ?? new Set<string>(),
    isWanted: async () => {
      const seen = await look();
      const at = context.now();
      const isStill = (one: Stored<NotificationDelivery>) =>
        checkBeforeSending(context, one, seen, at).kind === 'send';
      return seen === around || wanted.every(isStill);
    },
    render: (entry: { name: string }, locale: string) => {
      const items = wanted.slice(0, itemsShown).map(({ type, notification_id }) => {
        const { data } = around.accepted.get(notification_id)!.request;
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
