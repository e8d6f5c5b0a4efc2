import type { EntityAccess, Notifier } from '@infratraq/kernel';
import type { FastifyInstance } from 'fastify';
import { openMessaging } from '@infratraq/messaging';
import { commentRoutes } from '@infratraq/messaging/routes';

const { comments, close } = await openMessaging({ mongodbUri, access, notifier });
const entity = { entity_type: 'work_orders', entity_id: '7' };
const { thread } = await comments.start(entity, { author_id: 'u-1', body: 'Is the beam in, @u-2?' });
await comments.reply({ ...entity, thread_id: thread._id.toHexString() }, { author_id: 'u-2', body: 'Yes' });
await app.register(commentRoutes, { prefix: '/api/v1', comments });

declare const mongodbUri: string;
declare const access: EntityAccess;
declare const notifier: Notifier;
declare const app: FastifyInstance;
export { close };
