import { trusted } from '@infratraq/mongo';
import { statesBefore } from '../collections/delivery-state.js';
import type { NotificationContext } from '../context/notification-context.js';
import { NotificationDelivery } from '../collections/notification-delivery.js';
import { findDeliveryByProviderMessage } from '../collections/notification-delivery.queries.js';
import type { ProviderReport } from '../senders/sender.js';
import { SmsDeliveryLog, type SmsStatus } from '../collections/sms-delivery-log.js';
import { hashAddress } from '../delivery/delivery-id.js';

const smsStatusOf: Partial<Record<ProviderReport['state'], SmsStatus>> = {
  sent: 'sent',
  delivered: 'delivered',
  failed: 'failed',
  bounced: 'undelivered',
};

/**
 * Takes in what a provider says of a message; answers false when no delivery is known by it (yet).
 * A report that would move a state backwards, or comes again, changes nothing.
 */
export async function applyReport(context: NotificationContext, report: ProviderReport): Promise<boolean> {
  const { provider, provider_message_id } = report;
  const found = await context.models.find(findDeliveryByProviderMessage, { provider, provider_message_id });
  await logSmsReport(context, report);
  if (found.length === 0) return false;
  const { state, at, reason, error_code, provider_event_id } = report;
  const said = [error_code, reason].filter((part) => part !== undefined).join(': ');
  await context.models.of(NotificationDelivery).updateMany(
    {
      _id: trusted({ $in: found.map(({ _id }) => _id) }),
      recipient_id: trusted({ $in: found.map(({ recipient_id }) => recipient_id) }),
      state: trusted({ $in: statesBefore(state) }),
    },
    {
      $set: {
        state,
        ...(state === 'sent' && { sent_at: at }),
        ...(state === 'delivered' && { delivered_at: at }),
        ...((state === 'failed' || state === 'bounced') && { failed_at: at }),
        ...(state === 'read' && { 'engagement.read_at': at }),
      },
      $push: {
        transitions: {
          to: state,
          at,
          reported_by: 'provider',
          ...(said !== '' && { reason: said.slice(0, 500) }),
          ...(provider_event_id !== undefined && { provider_event_id }),
        },
      },
    },
  );
  if (report.address_gone) for (const delivery of found) await retireAddress(context, delivery);
  return true;
}

/** Takes the address out of use if it is still the one that the message went to. */
async function retireAddress(
  { directory }: NotificationContext,
  { recipient_id, channel, address_sha256 }: NotificationDelivery,
): Promise<void> {
  const [entry] = await directory.find([recipient_id]);
  const { email, phone } = entry ?? {};
  if (channel === 'email' && email !== undefined && hashAddress(email) === address_sha256)
    await directory.retireAddress(recipient_id, { channel, email });
  if (channel === 'sms' && phone !== undefined && hashAddress(phone) === address_sha256)
    await directory.retireAddress(recipient_id, { channel, phone });
}

async function logSmsReport({ models }: NotificationContext, report: ProviderReport): Promise<void> {
  const status = smsStatusOf[report.state];
  if (status === undefined) return;
  const { provider, provider_message_id, at, error_code, reason } = report;
  const event = {
    status,
    received_at: at,
    ...(error_code !== undefined && { error_code: error_code.slice(0, 100) }),
    ...(reason !== undefined && { error_message: reason.slice(0, 2_000) }),
  };
  const logs = models.of(SmsDeliveryLog);
  const message = { provider, provider_message_id };
  await logs.updateOne(message, { $addToSet: { events: event } });
  // What was delivered has not failed, whatever comes late, and what has an end is not on its way any more.
  if (status === 'delivered') await logs.updateOne(message, { $set: { status, delivered_at: at } });
  else if (status !== 'sent')
    await logs.updateOne(
      { ...message, status: trusted({ $ne: 'delivered' as const }) },
      { $set: { status } },
    );
}
