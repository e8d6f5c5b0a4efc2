import { trusted } from '@infratraq/mongo';
import { Types } from 'mongoose';
import type { NotificationContext } from '../service/notification-context.js';
import { NotificationDelivery } from '../collections/notification-delivery.js';
import type { DeliverJob } from '../jobs/queues.js';

/** Begins deliveries again that have failed, under the name of one replay; another one finds them begun, and leaves them. */
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
      // A job that comes again once its own try has failed too does not begin anew.
      replay_id: trusted({ $ne: replay_id }),
    },
    {
      $set: { state: 'queued', due_at: at, replay_id },
      // What was tried before is over: reports about it are not about this life of the delivery.
      $unset: { failed_at: '', provider_message_id: '', digest_id: '' },
      $push: { transitions: { to: 'queued', at, reported_by: 'operator', reason: 'replayed' } },
    },
  );
}
