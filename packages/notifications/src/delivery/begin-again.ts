import { trusted } from '@infratraq/mongo';
import { Types } from 'mongoose';
import type { NotificationContext } from '../context/notification-context.js';
import { NotificationDelivery } from '../collections/notification-delivery.js';
import type { DeliverJob } from '../jobs/queues.js';

/** Queues failed deliveries again for one replay; a concurrent replay of the same deliveries skips them. */
export async function beginAgain(
  { models, now }: Pick<NotificationContext, 'models' | 'now'>,
  references: DeliverJob['deliveries'],
  replay_id: string,
): Promise<void> {
  const at = now();
  await models.of(NotificationDelivery).updateMany(
    {
      _id: trusted({ $in: references.map(([id]) => new Types.ObjectId(id)) }),
      recipient_id: trusted({ $in: [...new Set(references.map(([, recipient]) => recipient))] }),
      state: 'failed',
      // If the job of this replay runs again after its try has failed, it must not begin anew.
      replay_id: trusted({ $ne: replay_id }),
    },
    {
      $set: { state: 'queued', due_at: at, replay_id },
      // Reports about the message that failed must not change the new one.
      $unset: { failed_at: '', provider_message_id: '', digest_id: '' },
      $push: { transitions: { to: 'queued', at, reported_by: 'operator', reason: 'replayed' } },
    },
  );
}
