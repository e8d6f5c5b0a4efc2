import { appendFileSync } from 'node:fs';
import { NotificationDelivery } from '../index.js';
import { openNotifications } from './open-notifications.js';
import { RecordingSender } from './recording-sender.js';

/**
 * A process that delivers notifications and is killed at one of its steps: just before it, or just after.
 * What it hands to its provider is written down, as a provider outside would remember it.
 */
const { MONGODB_URI = '', POSTGRES_URL = '', SENT = '', KILL_AT = '' } = process.env;
const email = new RecordingSender('email');
let killed = false;
const step = (name: string) => {
  if (name !== KILL_AT || killed) return;
  killed = true;
  process.kill(process.pid, 'SIGKILL');
};
email.answer = ({ delivery_id, recipient_id }) => {
  step('before-send');
  appendFileSync(SENT, `${delivery_id} ${recipient_id}\n`);
  step('after-send');
  return { outcome: 'accepted', provider_message_id: delivery_id };
};
const open = await openNotifications({
  databases: { mongodbUri: MONGODB_URI, postgresUrl: POSTGRES_URL },
  senders: [email],
  // Jobs of a process that died are missed after so long.
  handlerSeconds: 2,
});
const { jobs, models } = open;
const deliveries = models.of(NotificationDelivery);
const stepAround = <Parameters extends unknown[], Result>(
  name: string,
  run: (...parameters: Parameters) => Promise<Result>,
  applies: (...parameters: Parameters) => boolean = () => true,
) => {
  return async (...parameters: Parameters): Promise<Result> => {
    if (applies(...parameters)) step(`before-${name}`);
    const result = await run(...parameters);
    if (applies(...parameters)) step(`after-${name}`);
    return result;
  };
};
type Write = (documents: unknown[], options?: object) => Promise<unknown>;
Object.assign(deliveries, {
  insertMany: stepAround('store', deliveries.insertMany.bind(deliveries) as Write),
  bulkWrite: stepAround('record', deliveries.bulkWrite.bind(deliveries) as Write),
});
Object.assign(jobs, {
  add: stepAround('add', jobs.add.bind(jobs), (queue) => queue.name === 'notification-deliver'),
  complete: stepAround('complete', jobs.complete.bind(jobs)),
});
await open.service.start();
process.send?.('ready');
process.on('disconnect', () => void open.close().then(() => process.exit(0)));
