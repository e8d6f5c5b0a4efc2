import { expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { SmsDeliveryLog } from '../collections/sms-delivery-log.js';
import { only, useDeliveries } from '../testing/use-deliveries.js';

const open = useDeliveries();
const { email, addUser, send, until } = open;

it('logs what the SMS gateway said, and what it reports later in any order', async () => {
  const user = await addUser(only('sms'));
  const { provider_message_id } = await until(user, await send(user), 'sms', 'sent');
  const report = { provider: 'test_sms', provider_message_id: provider_message_id!, at: new Date() };
  for (const state of ['delivered', 'failed', 'sent'] as const)
    await open.service.report({ ...report, state });
  const [log] = await open.models.of(SmsDeliveryLog).find({ user_id: user }).lean<SmsDeliveryLog[]>();
  expect(log).toMatchObject({ status: 'delivered', to_number: expect.stringMatching(/^\+43/) });
  expect(log?.events.map(({ status }) => status)).toEqual(['accepted', 'delivered', 'failed', 'sent']);
});

it('waits with a report about a message whose acceptance is not stored yet', async () => {
  const user = await addUser(only('email'));
  let accept: (() => void) | undefined;
  email.answer = async ({ delivery_id }) => {
    await new Promise<void>((resolve) => (accept = resolve));
    return { outcome: 'accepted', provider_message_id: `early-${delivery_id}` };
  };
  const notification_id = await send(user);
  const [message] = await eventually(
    async () => email.messages,
    (messages) => messages.length === 1,
  );
  await open.service.report({
    provider: 'test_email',
    provider_message_id: `early-${message!.delivery_id}`,
    state: 'delivered',
    at: new Date(),
  });
  accept!();
  await until(user, notification_id, 'email', 'delivered');
});
