// A notification reaches the inbox of a user of one's own.
import { once } from 'node:events';
import { defineNotificationType, openNotifications, z } from '@infratraq/notifications';

const { MONGODB_URI: mongodbUri = '', POSTGRES_URL: postgresUrl = '' } = process.env;
const templates = { in_app: { en: { title: '{{ order }} is yours, {{ recipient.name }}', body: '' } } };
const schema = z.object({ order: z.string() });
const types = [defineNotificationType({ type: 'order.assigned', schema, templates })];
const find = async (ids: readonly string[]) => ids.map((user_id) => ({ user_id, name: 'Ada', devices: [] }));
const opened = await openNotifications({ mongodbUri, postgresUrl, types, directory: { find } });
await opened.notifications.send({
  to: { users: ['u-7'] },
  type: 'order.assigned',
  data: { order: 'Order 7' },
});
await once(opened.notifications.events, 'inbox:changed');
console.log((await opened.inbox.list('u-7', { limit: 1 })).items[0]?.title);
await opened.close();
