// A delivery moves forward only: a provider's late or repeated report changes nothing.
import { randomUUID } from 'node:crypto';
import { applyIndexes, bindModels, connectMongo, trusted } from '@infratraq/mongo';
import {
  listDeliveriesOfNotification,
  NotificationDelivery,
  notifications,
  statesBefore,
  type DeliveryState,
} from '@infratraq/notifications';

const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const collections = notifications.collections.map((collection) => collection.class);
await applyIndexes(mongo.connection, collections);
const models = bindModels(mongo.connection, collections);

const notification_id = `n-${randomUUID()}`;
const now = new Date();
await models.of(NotificationDelivery).create({
  notification_id,
  recipient_id: 'u-1',
  channel: 'email',
  type: 'work_order.assigned',
  transitions: [{ to: 'queued', at: now, reported_by: 'sender' }],
  queued_at: now,
  due_at: now,
});

for (const to of ['delivered', 'sent', 'read'] satisfies DeliveryState[]) {
  const { modifiedCount } = await models
    .of(NotificationDelivery)
    .updateOne(
      { notification_id, state: trusted({ $in: statesBefore(to) }) },
      { $set: { state: to }, $push: { transitions: { to, at: new Date(), reported_by: 'provider' } } },
    );
  console.log(`${to}: ${modifiedCount === 1 ? 'moved' : 'changed nothing'}`);
}
const [delivery] = await models.find(listDeliveriesOfNotification, { notification_id });
console.log(`now ${delivery?.state}, by way of ${delivery?.transitions.map(({ to }) => to).join(', ')}`);
await mongo.close();
