import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { createMailComplaintRepository } from '../postgres/mail-complaint-repository.js';
import { defineNotificationType } from '../templates/notification-type.js';
import { NotificationDelivery } from '../collections/notification-delivery.js';
import { openNotifications, taskAssigned, type OpenNotifications } from '../testing/open-notifications.js';
import { RecordingSender } from '../testing/recording-sender.js';

const urgent = defineNotificationType({ ...taskAssigned, type: 'task.escalated', critical: true });
const other = defineNotificationType({ ...taskAssigned, type: 'task.closed' });
const hour = 3_600_000;

describe('a complaint about a mail', () => {
  let open: OpenNotifications;
  const email = new RecordingSender('email');
  let complaints: ReturnType<typeof createMailComplaintRepository>;

  beforeAll(async () => {
    open = await openNotifications({
      senders: [email],
      types: [taskAssigned, urgent, other],
      complaints: {
        record: (complaint) => complaints.record(complaint),
        listOpen: (ids) => complaints.listOpen(ids),
        lift: (what) => complaints.lift(what),
      },
    });
    complaints = createMailComplaintRepository(open.postgres);
    await open.service.start();
    await open.addUsers(
      { user_id: 'ada', email: 'ada@example.org' },
      { user_id: 'ben', email: 'ben@example.org' },
    );
  });
  afterAll(() => open.close());

  const deliveriesOf = (notification_id: string, recipient_id = 'ada') =>
    open.models.of(NotificationDelivery).find({ notification_id, recipient_id }).lean();
  /** The channels on which one is sent to Ada, once Ben has his mail of the same one. */
  const send = async (type: string) => {
    const { notification_id } = await open.service.send({
      to: { users: ['ada', 'ben'] },
      type,
      data: { task: 't' },
    });
    const isSent = ({ channel, state }: NotificationDelivery) => channel === 'email' && state === 'sent';
    await eventually(
      () => deliveriesOf(notification_id, 'ben'),
      (found) => found.some(isSent),
    );
    const planned = await eventually(
      () => deliveriesOf(notification_id),
      (found) => found.length > 0 && found.every(({ state }) => state === 'sent'),
    );
    return { notification_id, channels: planned.map(({ channel }) => channel).sort() };
  };
  const complain = async (
    notification_id: string,
    at: Date,
    kind: 'complained' | 'not_spam' = 'complained',
  ) => {
    const [mail] = (await deliveriesOf(notification_id)).filter(({ channel }) => channel === 'email');
    const { provider, provider_message_id } = mail!;
    const feedback_type = kind === 'complained' ? 'abuse' : 'not-spam';
    await open.service.takeFeedback({
      provider: provider!,
      provider_message_id: provider_message_id!,
      kind,
      at,
      feedback_type,
    });
  };
  const both = ['email', 'in_app'];
  const at = (hours: number) => new Date(Date.UTC(2026, 10, 24) + hours * hour);

  it('ends mail of its type to that mailbox, and nothing else, until it is taken back', async () => {
    const first = await send('task.assigned');
    expect(first.channels).toEqual(both);
    await complain(first.notification_id, at(1));
    expect((await send('task.assigned')).channels).toEqual(['in_app']);
    expect((await send('task.closed')).channels).toEqual(both);
    expect((await send('task.escalated')).channels).toEqual(both);

    expect(
      await complaints.lift({ user_id: 'ada', type: 'task.assigned', lifted_by: 'ada', at: at(2) }),
    ).toBe(true);
    expect((await send('task.assigned')).channels).toEqual(both);
    // The same report again is from before that; a later one counts.
    await complain(first.notification_id, at(1));
    expect((await send('task.assigned')).channels).toEqual(both);
    await complain(first.notification_id, at(3));
    expect((await send('task.assigned')).channels).toEqual(['in_app']);
    await complain(first.notification_id, at(4), 'not_spam');
    expect((await send('task.assigned')).channels).toEqual(both);
  });

  it('is noted on the delivery, whose state stays', async () => {
    const { notification_id } = await send('task.closed');
    await complain(notification_id, at(1));
    await complain(notification_id, at(2));
    const found = await deliveriesOf(notification_id);
    expect(found.find(({ channel }) => channel === 'email')).toMatchObject({
      state: 'sent',
      engagement: { complained_at: at(1) },
    });
    expect(found.find(({ channel }) => channel === 'in_app')?.engagement).toBeUndefined();
  });

  it('does not hold for another mailbox of the same person', async () => {
    await open.postgres.pool.query(
      `update infratraq.users set email = 'ada@elsewhere.example' where user_id = 'ada'`,
    );
    expect((await send('task.closed')).channels).toEqual(both);
  });

  it('about a mail that nobody knows changes nothing', async () => {
    const feedback = { provider: 'smtp', provider_message_id: '<x@y>', kind: 'complained' } as const;
    await open.service.takeFeedback({ ...feedback, at: at(1), feedback_type: 'abuse' });
  });
});
