import { trusted, type Models } from '@infratraq/mongo';
import { Types } from 'mongoose';
import type { MailLink } from '../callbacks/click-links.js';
import { NotificationDelivery } from '../collections/notification-delivery.js';

/**
 * Records the first click on a link in a mail. The delivery's state stays, because security scanners follow links too: a
 * fallback must come all the same.
 */
export async function recordClick(
  models: Models,
  { delivery_id, recipient_id }: Pick<MailLink, 'delivery_id' | 'recipient_id'>,
  at: Date,
): Promise<void> {
  if (!Types.ObjectId.isValid(delivery_id)) return;
  await models.of(NotificationDelivery).updateOne(
    {
      _id: new Types.ObjectId(delivery_id),
      recipient_id,
      'engagement.clicked_at': trusted({ $exists: false }),
    },
    { $set: { 'engagement.clicked_at': at } },
  );
}
