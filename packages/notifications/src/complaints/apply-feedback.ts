import { trusted, type Models } from '@infratraq/mongo';
import { NotificationDelivery } from '../collections/notification-delivery.js';
import { findDeliveryByProviderMessage } from '../collections/notification-delivery.queries.js';
import type { MailComplaints } from './mail-complaints.js';
import type { MailFeedback } from './mail-feedback.js';

/**
 * Applies what a recipient has said of a mail; idempotent. It applies to every type in the mail, and to the mailbox that
 * the mail went to.
 */
export async function applyFeedback(
  { models, complaints }: { readonly models: Models; readonly complaints: MailComplaints | undefined },
  feedback: MailFeedback,
): Promise<void> {
  const { provider, provider_message_id, kind, at, feedback_type, reported_by } = feedback;
  const found = await models.find(findDeliveryByProviderMessage, { provider, provider_message_id });
  for (const { _id, recipient_id, type, address_sha256 } of found) {
    if (address_sha256 === undefined) continue;
    if (kind === 'not_spam') {
      await complaints?.lift({ user_id: recipient_id, type, lifted_by: recipient_id, at });
      continue;
    }
    const said = { feedback_type, provider_message_id, complained_at: at };
    const source = reported_by === undefined ? {} : { reported_by };
    await complaints?.record({ user_id: recipient_id, type, address_sha256, ...said, ...source });
    await models
      .of(NotificationDelivery)
      .updateOne(
        { _id, recipient_id, 'engagement.complained_at': trusted({ $exists: false }) },
        { $set: { 'engagement.complained_at': at } },
      );
  }
}
