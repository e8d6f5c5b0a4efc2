// A notification that goes out if its transaction commits, by a sender of one's own.
import { createSender, defineNotificationType, openNotifications, z } from '@infratraq/notifications';

let tellPaged = () => {};
const paged = new Promise<void>((resolve) => (tellPaged = resolve));
const pager = createSender({
  provider: 'pager',
  channel: 'sms',
  async deliver({ delivery_id, body }, { phone }) {
    console.log(`${phone}: ${body}`); // here your provider is called, with delivery_id as its idempotency key
    tellPaged();
    return { outcome: 'accepted', provider_message_id: delivery_id };
  },
});

const orderAssigned = defineNotificationType({
  type: 'order.assigned',
  schema: z.object({ order: z.string() }),
  defaultChannels: ['sms'],
  templates: { sms: { en: { body: '{{ order }} is yours, {{ recipient.name }}' } } },
});
const { notifications, postgres, close } = await openNotifications({
  mongodbUri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples',
  postgresUrl: process.env['POSTGRES_URL'] ?? 'postgres://127.0.0.1/examples',
  types: [orderAssigned],
  senders: [pager],
  directory: {
    find: async (ids) => ids.map((user_id) => ({ user_id, name: 'Ada', phone: '+431234', devices: [] })),
  },
});
const assigned = { to: { users: ['u-7'] }, type: 'order.assigned', data: { order: 'Order 7' } };
await postgres.transaction((transaction) => notifications.send(assigned, { transaction })); // beside your own rows
await paged;
await close();
