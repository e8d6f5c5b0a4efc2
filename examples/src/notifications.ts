// A notification reaches the inbox of a user whom the application knows.
import { once } from 'node:events';
import { defineNotificationType, openNotifications, z } from '@infratraq/notifications';

const { MONGODB_URI: mongodbUri = '', POSTGRES_URL: postgresUrl = '' } = process.env;
const templates = { in_app: { en: { title: 'Order {{ no }} is yours, {{ recipient.name }}', body: '' } } };
const type = defineNotificationType({ type: 'order.placed', schema: z.object({ no: z.int() }), templates });
const find = async (ids: readonly string[]) => ids.map((user_id) => ({ user_id, name: 'Ada', devices: [] }));
const opened = await openNotifications({ mongodbUri, postgresUrl, types: [type], directory: { find } });
await opened.notifications.send({ to: { users: ['u-7'] }, type: 'order.placed', data: { no: 7 } });
await once(opened.notifications.events, 'inbox:changed');
console.log((await opened.inbox.list('u-7', { limit: 1 })).items[0]?.title);
await opened.close();
