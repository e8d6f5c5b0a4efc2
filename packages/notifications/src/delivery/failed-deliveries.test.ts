import { beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { listDeliveriesOfNotification } from '../collections/notification-delivery.queries.js';
import type { DeadDelivery } from '../context/notification-context.js';
import { only, useDeliveries } from '../testing/use-deliveries.js';
import { deliverQueue } from '../jobs/queues.js';

const dead: DeadDelivery[] = [];
let deadLettersAreFull = false;
let beforeReplay: () => Promise<void> = async () => undefined;

const open = useDeliveries({
  keepDeadDelivery: async (letter) => {
    if (deadLettersAreFull) throw new Error('no dead letter can be kept');
    dead.push(letter);
  },
  intercept: {
    jobs: (jobs) => ({
      ...jobs,
      async add(queue, added, options) {
        if (added.some(({ data }) => 'replay_id' in data)) await beforeReplay();
        await jobs.add(queue, added, options);
      },
    }),
  },
});
const { email, addUser, send, until } = open;

beforeEach(() => {
  beforeReplay = async () => undefined;
});

/** Lets nobody go on before so many have come. */
function meet(count: number): () => Promise<void> {
  let goOn: () => void = () => undefined;
  const all = new Promise<void>((resolve) => (goOn = resolve));
  let come = 0;
  return async () => {
    if ((come += 1) === count) goOn();
    await all;
  };
}

describe('a provider that does not take a message', () => {
  it('is tried again when it was away, with the same id, until it takes it', async () => {
    const user = await addUser(only('email'));
    email.answer = ({ attempt }) =>
      attempt < 3
        ? { outcome: 'unreachable', error_code: 'ECONNREFUSED', error_message: 'no answer' }
        : { outcome: 'accepted' };
    const delivery = await until(user, await send(user), 'email', 'sent');
    expect(delivery.attempts).toMatchObject([
      { attempt: 1, outcome: 'unreachable', error_code: 'ECONNREFUSED' },
      { attempt: 2, outcome: 'unreachable' },
      { attempt: 3, outcome: 'accepted' },
    ]);
    expect(new Set(email.messages.map(({ delivery_id }) => delivery_id)).size).toBe(1);
  });

  it('is given up after the last try, kept as a dead letter, and delivered once that is replayed', async () => {
    const user = await addUser(only('email'));
    email.answer = () => {
      throw Object.assign(new Error('the sender is broken'), { code: 'ESENDER' });
    };
    const notification_id = await send(user);
    const failed = await until(user, notification_id, 'email', 'failed');
    expect(failed.transitions.at(-1)?.reason).toBe('ESENDER: the sender is broken');
    const letter = dead.find((one) => one.notification_id === notification_id)!;
    expect(letter).toMatchObject({ attempts: 3, provider: 'test_email', reason: { code: 'ESENDER' } });
    email.answer = () => ({ outcome: 'accepted' });
    await open.service.replay(letter.delivery_ids);
    const sent = await until(user, notification_id, 'email', 'sent');
    expect(sent.transitions.map(({ to }) => to)).toEqual(['queued', 'failed', 'queued', 'sent']);
    await expect(open.service.replay(letter.delivery_ids)).rejects.toMatchObject({
      code: 'delivery.not-failed',
    });
  });

  it('is sent once although several have it begun again at the same moment', async () => {
    const user = await addUser(only('email'));
    email.answer = () => ({ outcome: 'rejected', error_code: '554', error_message: 'refused by policy' });
    const notification_id = await send(user);
    const { _id } = await until(user, notification_id, 'email', 'failed');
    const tried = email.messages.length;
    const countOpen = () => open.jobs.countOpen(deliverQueue);
    beforeReplay = meet(3);
    const replays = Promise.all([1, 2, 3].map(() => open.service.replay([String(_id)])));
    email.answer = async () => {
      // Nothing is answered before the other replays have had their turn.
      await replays;
      await eventually(countOpen, (jobs) => jobs === 1);
      return { outcome: 'accepted' };
    };
    await replays;
    const sent = await until(user, notification_id, 'email', 'sent');
    await eventually(countOpen, (jobs) => jobs === 0);
    expect(email.messages).toHaveLength(tried + 1);
    expect(sent.transitions.map(({ to }) => to)).toEqual(['queued', 'failed', 'queued', 'sent']);
  });

  it('cannot be begun again while it is under way', async () => {
    const user = await addUser(only('email'));
    email.answer = async ({ delivery_id }) => {
      await expect(open.service.replay([delivery_id])).rejects.toMatchObject({ code: 'delivery.not-failed' });
      return { outcome: 'accepted' };
    };
    await until(user, await send(user), 'email', 'sent');
    expect(email.messages).toHaveLength(1);
  });

  it('is not tried again when it has refused, and an address that is gone is taken out of use', async () => {
    const user = await addUser(only('email'));
    email.answer = () => ({
      outcome: 'rejected',
      error_code: '550',
      error_message: 'no such user',
      address_gone: true,
    });
    await until(user, await send(user), 'email', 'failed');
    expect(email.messages).toHaveLength(1);
    const later = await send(user);
    await until(user, await send(user, { type: 'task.escalated', channels: ['sms'] }), 'sms', 'sent');
    expect(await open.models.find(listDeliveriesOfNotification, { notification_id: later })).toEqual([]);
    await open.postgres.pool.query(
      `update infratraq.users set email = 'new@example.com' where user_id = $1`,
      [user],
    );
    email.answer = () => ({ outcome: 'accepted' });
    await until(user, await send(user), 'email', 'sent');
  });
});

it('sends nobody a message again because another one could not be given up', async () => {
  const [fine, refused] = [await addUser(only('email')), await addUser(only('email'))];
  deadLettersAreFull = true;
  email.answer = ({ recipient_id }) =>
    recipient_id === fine
      ? { outcome: 'accepted' }
      : { outcome: 'rejected', error_code: '554', error_message: 'refused by policy' };
  const { notification_id } = await open.service.send({
    to: { users: [fine, refused] },
    type: 'task.assigned',
    data: { task: 'Deck' },
  });
  await email.received(3);
  deadLettersAreFull = false;
  await until(refused, notification_id, 'email', 'failed');
  await until(fine, notification_id, 'email', 'sent');
  expect(email.messages.filter(({ recipient_id }) => recipient_id === fine)).toHaveLength(1);
  expect(dead.filter((letter) => letter.notification_id === notification_id)).toHaveLength(1);
});
