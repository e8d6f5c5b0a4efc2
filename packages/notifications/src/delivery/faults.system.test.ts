import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NotificationChannel } from '@infratraq/kernel';
import { eventually } from '@infratraq/engines';
import { listDeliveriesOfNotification } from '../collections/notification-delivery.queries.js';
import type { NotificationDelivery } from '../collections/notification-delivery.js';
import type { DeadDelivery } from '../context/notification-context.js';
import { openSmtpSender } from '../senders/smtp.js';
import { openTwilioSender } from '../senders/twilio.js';
import { openNotifications, type OpenNotifications } from '../testing/open-notifications.js';
import { startSmtp, type SmtpStandIn } from '../testing/providers/smtp.js';
import { startTwilio, type TwilioStandIn } from '../testing/providers/twilio.js';

const users = Array.from({ length: 30 }, (_, place) => `user-${place}`);
const dead: DeadDelivery[] = [];
let smtp: SmtpStandIn;
let twilio: TwilioStandIn;
let open: OpenNotifications;
let passed = 0;
const now = () => new Date(Date.now() + passed);

beforeEach(async () => {
  passed = 0;
  dead.length = 0;
  [smtp, twilio] = await Promise.all([startSmtp(), startTwilio()]);
  const { accountSid, authToken, baseUrl } = twilio;
  open = await openNotifications({
    senders: [
      await openSmtpSender({
        url: smtp.url,
        from: 'notices@infra.example',
        timeoutMilliseconds: 2_000,
        connections: 10,
      }),
      await openTwilioSender({ accountSid, authToken, baseUrl, from: '+15005550006', now: () => +now() }),
    ],
    retry: { attempts: 4, firstDelaySeconds: 20, longestDelaySeconds: 40 },
    limits: { twilio: { concurrent: 1 } },
    keepDeadDelivery: async (letter) => void dead.push(letter),
    now,
    onError: () => undefined,
  });
  await open.addUsers(
    ...users.map((user_id, place) => ({
      user_id,
      email: `${user_id}@example.com`,
      phone: `+43660123${1_000 + place}`,
    })),
  );
  await open.service.start();
});
afterEach(async () => {
  await open.close();
  await Promise.all([smtp.close(), twilio.close()]);
});

const send = async (channels: NotificationChannel[], to: readonly string[] = users) => {
  for (const user of to) open.preferences.set(user, { notifications: [{ type: '*', channels }] });
  const request = { to: { users: to }, type: 'task.assigned', data: { task: 'Deck' }, channels };
  return (await open.service.send(request)).notification_id;
};
const deliveriesOf = (notification_id: string) =>
  open.models.find(listDeliveriesOfNotification, { notification_id });
const until = (id: string, satisfies: (delivery: NotificationDelivery) => boolean, count = users.length) =>
  eventually(
    () => deliveriesOf(id),
    (found) => found.length >= count && found.every(satisfies),
  );
const isSent = ({ state }: NotificationDelivery) => state === 'sent';
/** Lets time go by, once nothing is left to be done before: on this process' clock, and for the jobs. */
async function letPass(milliseconds: number): Promise<void> {
  await allWait();
  passed += milliseconds;
  await open.hastenJobs(milliseconds);
}
/** Nothing is left to be done now: everything waits for a later time. */
const allWait = () =>
  eventually(
    async () =>
      (
        await open.postgres.pool.query<{ busy: number }>(
          `select count(*)::int as busy from pgboss.job where name like 'notification-%'
           and name <> 'notification-sweep' and (state = 'active' or (state < 'active' and start_after <= now()))`,
        )
      ).rows[0]!.busy,
    (busy) => busy === 0,
  );

it('spares a mail server that is away while texts go out, and sends each mail once when it is back', async () => {
  await smtp.goAway();
  const id = await send(['email', 'sms']);
  const all = await eventually(
    () => deliveriesOf(id),
    (found) =>
      found.length === 2 * users.length &&
      found.every(({ channel, state }) => channel === 'email' || state === 'sent'),
  );
  expect(all.filter(({ channel }) => channel === 'sms').every(isSent)).toBe(true);
  await allWait();
  const mails = (await deliveriesOf(id)).filter(({ channel }) => channel === 'email');
  const tries = mails.flatMap(({ attempts = [] }) => attempts);
  // Twenty on their way together, and one for each that failed before the fifth; then nobody else tries.
  expect(tries.length).toBeGreaterThanOrEqual(5);
  expect(tries.length).toBeLessThan(25);
  expect(new Set(tries.map(({ error_code }) => error_code))).toEqual(new Set(['ESOCKET']));
  expect(mails.every(({ state }) => state === 'queued')).toBe(true);
  await letPass(5_000);
  await allWait();
  expect(
    (await deliveriesOf(id)).flatMap(({ channel, attempts = [] }) => (channel === 'email' ? attempts : [])),
  ).toHaveLength(tries.length);
  await smtp.comeBack();
  while (!(await deliveriesOf(id)).every(isSent)) {
    await letPass(10_000);
    await allWait();
  }
  expect(smtp.mails.map(({ to }) => to).sort()).toEqual(users.map((user) => `${user}@example.com`).sort());
  expect(twilio.messages).toHaveLength(users.length);
  expect(dead).toEqual([]);
}, 60_000);

it('takes a mail server that is too slow for one that is away, and tries under the same Message-ID', async () => {
  let release = () => undefined as void;
  smtp.hold = new Promise<void>((resolve) => (release = resolve));
  const id = await send(['email'], users.slice(0, 1));
  await until(id, ({ attempts = [] }) => attempts.length === 1, 1);
  const [delivery] = await deliveriesOf(id);
  expect(delivery).toMatchObject({ state: 'queued', attempts: [{ outcome: 'unreachable' }] });
  release();
  smtp.hold = undefined;
  await letPass(20_000);
  await until(id, isSent, 1);
  // It came twice, for the first one was taken after all; a mailbox knows both as one.
  const ids = smtp.mails.map(({ raw }) => /^message-id: (.+)$/im.exec(raw)?.[1]);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
});

describe('a gateway that throttles', () => {
  it.each([
    ['seconds', () => '90'],
    ['a date', () => new Date(+now() + 90_000).toUTCString()],
  ])('is left alone by everybody for as long as it asks, in %s', async (_kind, retryAfter) => {
    twilio.trouble = 'throttled';
    twilio.retryAfter = retryAfter();
    const asked = +now();
    const id = await send(['sms']);
    await until(id, ({ due_at }) => +due_at > asked + 60_000);
    await allWait();
    // One at a time: the first answer closes the gate for all the others.
    expect(twilio.requests).toBe(1);
    twilio.trouble = undefined;
    await letPass(80_000);
    await allWait();
    expect(twilio.requests).toBe(1);
    while (!(await deliveriesOf(id)).every(isSent)) {
      await letPass(10_000);
      await allWait();
    }
    expect(twilio.messages).toHaveLength(users.length);
    const tried = (await deliveriesOf(id)).flatMap(({ attempts = [] }) => attempts);
    expect(tried.filter(({ outcome }) => outcome === 'throttled')).toHaveLength(1);
  });

  it.each([
    ['451 4.7.1', { code: 451, text: '4.7.1 Greylisted' }, 'throttled'],
    ['421 4.7.0', { code: 421, text: '4.7.0 Too many connections' }, 'throttled'],
    ['421 4.3.2', { code: 421, text: '4.3.2 Going down' }, 'unreachable'],
  ])('by %s takes the mail later, at the next try', async (error_code, refusal, outcome) => {
    smtp.refusal = refusal;
    const id = await send(['email'], users.slice(0, 1));
    await until(id, ({ attempts = [] }) => attempts.length === 1, 1);
    expect((await deliveriesOf(id))[0]).toMatchObject({
      state: 'queued',
      attempts: [{ outcome, error_code }],
    });
    smtp.refusal = undefined;
    await letPass(20_000);
    await until(id, isSent, 1);
    expect(smtp.mails).toHaveLength(1);
  });
});

it('gives up what is refused for good at once, and sends it when its dead letters are replayed', async () => {
  smtp.refusal = { code: 554, text: '5.7.1 Refused by policy' };
  const id = await send(['email']);
  await until(id, ({ state }) => state === 'failed');
  expect(new Set((await deliveriesOf(id)).map(({ attempts }) => attempts?.length))).toEqual(new Set([1]));
  expect(dead).toHaveLength(users.length);
  expect(dead[0]).toMatchObject({ provider: 'smtp', attempts: 1, reason: { code: '554 5.7.1' } });
  smtp.refusal = undefined;
  await open.service.replay(dead.flatMap(({ delivery_ids }) => delivery_ids));
  await until(id, isSent);
  expect(smtp.mails).toHaveLength(users.length);
});

it('gives up after the last try what was never taken, and sends it when that is replayed', async () => {
  smtp.refusal = { code: 450, text: '4.2.1 Mailbox is busy' };
  const id = await send(['email'], users.slice(0, 1));
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    await until(id, ({ attempts = [] }) => attempts.length === attempt, 1);
    await letPass(45_000);
  }
  await until(id, ({ state }) => state === 'failed', 1);
  expect(dead).toMatchObject([{ attempts: 4, provider: 'smtp' }]);
  smtp.refusal = undefined;
  await open.service.replay(dead[0]!.delivery_ids);
  await until(id, isSent, 1);
});
