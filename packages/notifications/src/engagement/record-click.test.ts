import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { NotificationDelivery } from '../collections/notification-delivery.js';
import { defineNotificationType } from '../templates/notification-type.js';
import { openNotifications, taskAssigned, type OpenNotifications } from '../testing/open-notifications.js';
import { RecordingSender } from '../testing/recording-sender.js';

const chained = defineNotificationType({
  ...taskAssigned,
  type: 'task.chained',
  defaultChannels: ['email', 'sms'] as const,
  fallback: [{ channel: 'sms', after_seconds: 1 }],
});
const [email, sms] = [new RecordingSender('email'), new RecordingSender('sms')];
let open: OpenNotifications;

beforeAll(async () => {
  open = await openNotifications({ senders: [email, sms], types: [chained] });
  await open.service.start();
  await open.addUsers({ user_id: 'ada', email: 'ada@example.org', phone: '+436601234567' });
});
afterAll(() => open.close());

it('a click is noted once, moves no state, and holds back no fallback: whoever checks mail for harm clicks too', async () => {
  const request = { to: { users: ['ada'] }, type: 'task.chained', data: { task: 'Deck' } };
  const { notification_id } = await open.service.send(request);
  const { delivery_id } = (await email.received(1))[0]!;
  const mail = () => open.models.of(NotificationDelivery).findById(delivery_id).lean();
  await eventually(mail, (found) => found?.state === 'sent');
  await open.service.recordClick({ delivery_id, recipient_id: 'somebody else' });
  expect((await mail())?.engagement).toBeUndefined();
  await open.service.recordClick({ delivery_id, recipient_id: 'ada' });
  const first = await mail();
  expect(first).toMatchObject({ state: 'sent', engagement: { clicked_at: expect.any(Date) } });
  await open.service.recordClick({ delivery_id, recipient_id: 'ada' });
  expect(await mail()).toEqual(first);
  expect(await sms.received(1)).toMatchObject([{ notification_id, recipient_id: 'ada' }]);
});
