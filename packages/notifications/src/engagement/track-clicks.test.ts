import { expect, it } from '@jest/globals';
import { createClickLinks } from '../callbacks/hooks.js';
import { deliveryIdOf } from '../delivery/delivery-id.js';
import { defineNotificationType } from '../templates/notification-type.js';
import type { OutgoingMessage } from '../senders/sender.js';
import { composeMessage } from '../testing/describe-sender.js';
import { taskAssigned } from '../testing/open-notifications.js';
import { RecordingSender } from '../testing/recording-sender.js';
import { trackClicks } from './track-clicks.js';

const links = createClickLinks({
  secret: 'a secret of thirty-two characters',
  baseUrl: 'https://infra.example/hooks',
});
// Wherever it leads: a page of another server, too.
const unsubscribe_url = 'https://leave.example/?who=u-1';
const confidential = defineNotificationType({ ...taskAssigned, type: 'task.reviewed', tracksClicks: false });
const html = '<a href="https://a.example">A</a>';

async function send(more: Partial<OutgoingMessage> = {}) {
  const email = new RecordingSender('email');
  const types = [taskAssigned, confidential];
  const sender = trackClicks(email, { links, types });
  const address = { channel: 'email', email: 'ada@example.org' } as const;
  const notification_id = 'n-1';
  const message = composeMessage(address, {
    notification_id,
    recipient_id: 'u-1',
    type: 'task.assigned',
    unsubscribe_url,
    html,
    may_track_clicks: true,
    delivery_id: String(deliveryIdOf(notification_id, 'u-1', 'email')),
    body: `Go to https://a.example, or leave: ${unsubscribe_url}`,
    ...more,
  });
  await sender.send(message);
  return { message, sent: email.messages[0]! };
}

it('links of a mail lead by way of us, in both of its parts, and unsubscribing stays as it is', async () => {
  const { message, sent } = await send();
  const { delivery_id, recipient_id } = message;
  const [inHtml, inText] = [/href="([^"]+)"/.exec(sent.html!)?.[1], /Go to (\S+),/.exec(sent.body)?.[1]];
  for (const url of [inHtml, inText])
    expect(links.read(String(url).split('token=')[1]!)).toEqual({
      delivery_id,
      recipient_id,
      url: 'https://a.example',
      issued_at: expect.any(Date),
    });
  expect(sent.body).toContain(`leave: ${unsubscribe_url}`);
  expect(sent).toEqual({ ...message, html: sent.html, body: sent.body });
});

it.each([
  ['its type does not want it', { type: 'task.reviewed' }],
  ['its recipient does not want it', { may_track_clicks: false }],
  ['it is a digest', { delivery_id: 'a'.repeat(24) }],
  ['it is no mail', { address: { channel: 'sms', phone: '+431234567' } as const }],
])('a message stays as it is when %s', async (_, more) => {
  const { message, sent } = await send(more);
  expect(sent).toEqual(message);
});
