import type { Models } from '@infratraq/mongo';
import type { Jobs } from '@infratraq/postgres';
import { NotificationDelivery } from '../collections/notification-delivery.js';
import { openNotifications } from './open-notifications.js';
import { openKeyedSender } from './providers/keyed.js';
import type { NotificationTables } from '../postgres/tables.js';

/**
 * A process that delivers notifications, or promises one in a transaction of its own when it is told to, and is killed
 * at one of its steps: just before it, or just after.
 */
const { MONGODB_URI = '', POSTGRES_URL = '', PROVIDER_URL = '', KILL_AT = '' } = process.env;

function step(name: string): void {
  if (name === KILL_AT) process.kill(process.pid, 'SIGKILL');
}

async function around<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  step(`before ${name}`);
  const result = await work();
  step(`after ${name}`);
  return result;
}

const keyed = openKeyedSender(PROVIDER_URL);
const open = await openNotifications({
  databases: { mongodbUri: MONGODB_URI, postgresUrl: POSTGRES_URL },
  senders: [{ ...keyed, send: (message) => around('sending', () => keyed.send(message)) }],
  // Jobs of a process that died are missed after so long.
  handlerSeconds: 2,
  intercept: { models: stepThroughModels, jobs: stepThroughJobs },
});

function stepThroughModels(models: Models): Models {
  const deliveries = models.of(NotificationDelivery);
  const insertMany = deliveries.insertMany.bind(deliveries) as (...given: unknown[]) => Promise<unknown>;
  Object.assign(deliveries, {
    insertMany: (...given: unknown[]) => around('storing', () => insertMany(...given)),
  });
  return {
    ...models,
    updateEach: (target, updates) => around('recording', () => models.updateEach(target, updates)),
  };
}

function stepThroughJobs(jobs: Jobs): Jobs {
  return {
    ...jobs,
    add: (queue, added, options) => around(`adding ${queue.name}`, () => jobs.add(queue, added, options)),
    work: (queue, options, handler) =>
      jobs.work(queue, options, (taken, signal) =>
        around(`handling ${queue.name}`, () => handler(taken, signal)),
      ),
    complete: (queue, taken, transaction) =>
      around(`completing ${queue.name}`, () => jobs.complete(queue, taken, transaction)),
  };
}

/** Writes a group and promises its first member a notification, both or neither. */
async function promiseInTransaction(user: string): Promise<void> {
  await open.postgres.withTables<NotificationTables>().transaction(async (transaction) => {
    await transaction.insertInto('infratraq.groups').values({ group_id: user, title: 'Crew' }).execute();
    await open.service.send(
      { to: { users: [user] }, type: 'task.assigned', data: { task: 'Deck' }, channels: ['email'] },
      { transaction },
    );
    step('before committing');
  });
  step('after committing');
}

process.on('message', (user: string) => void promiseInTransaction(user));
process.on('disconnect', () => void open.close().then(() => process.exit(0)));
if (!KILL_AT.endsWith('committing')) await open.service.start();
process.send?.('ready');
