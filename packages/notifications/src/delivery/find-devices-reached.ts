import { trusted } from '@infratraq/mongo';
import type { NotificationContext } from '../context/notification-context.js';
import { PushNotificationLog } from '../collections/push-notification-log.js';

/** The devices that have accepted a push already, by the delivery's id: a further try skips them. */
export async function findDevicesReached(
  { models }: Pick<NotificationContext, 'models'>,
  ids: readonly string[],
): Promise<Map<string, Set<string>>> {
  const reached = new Map<string, Set<string>>();
  if (ids.length === 0) return reached;
  const logged = await models
    .of(PushNotificationLog)
    .find({ delivery_id: trusted({ $in: ids }), outcome: 'accepted' })
    .select({ delivery_id: 1, 'device.device_id': 1 })
    .lean<PushNotificationLog[]>();
  for (const { delivery_id, device } of logged)
    reached.set(delivery_id, (reached.get(delivery_id) ?? new Set()).add(device.device_id));
  return reached;
}
