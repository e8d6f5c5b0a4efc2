import type { RecipientPreferences } from '@infratraq/kernel';
import { applyIndexes, bindModels, connectMongo, type Models } from '@infratraq/mongo';
import {
  defineNotificationType,
  notificationQueues,
  notifications,
  NotificationDelivery,
  NotificationService,
  openSmtpSender,
  type NotificationType,
  type Sender,
} from '@infratraq/notifications';
import { createNotificationDirectory, notificationMigrations } from '@infratraq/notifications/postgres';
import { openJobs, openPostgres, type Postgres } from '@infratraq/postgres';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';

const type = defineNotificationType({
  type: 'bench.sent',
  schema: z.object({ task: z.string() }),
  defaultChannels: ['email'],
  templates: {
    email: {
      en: {
        subject: '{{ task }} is yours',
        html: '<p>Dear {{ recipient.name }},</p><p>{{ task }} is yours.</p>',
        text: 'Dear {{ recipient.name }},\n\n{{ task }} is yours.',
      },
    },
  },
});

const everyDay = [1, 2, 3, 4, 5, 6, 7];
const hoursFromNow = (hours: number) =>
  new Date(Date.now() + hours * 3_600_000).toLocaleTimeString('en-GB', {
    timeZone: 'Europe/Vienna',
    hour: '2-digit',
    minute: '2-digit',
  } as Intl.DateTimeFormatOptions);
const preferences: RecipientPreferences = {
  locale: 'en',
  time_zone: 'Europe/Vienna',
  notifications: [{ type: '*', channels: ['email'] }],
  // To be worked out for each email, and hours away from now.
  quiet_hours: { enabled: true, from: hoursFromNow(8), to: hoursFromNow(16), weekdays: everyDay },
  digest: { frequency: 'off', at: '08:00', weekday: 1 },
};
/** Quiet now, so that everything waits. */
const silent: RecipientPreferences = {
  ...preferences,
  quiet_hours: { enabled: true, from: hoursFromNow(-8), to: hoursFromNow(8), weekdays: everyDay },
};

export type NotifySubject = Awaited<ReturnType<typeof openSubject>>;

/** Our whole path, in this process, over engines and users of its own. */
export async function openSubject(
  engines: { mongodbUri: string; postgresUrl: string },
  { port, connections, recipients }: { port: number; connections: number; recipients: number },
) {
  const { postgres } = await openPostgres({ postgresUrl: engines.postgresUrl }, [notificationMigrations]);
  await addUsers(postgres, recipients);
  const mongo = await connectMongo({ uri: engines.mongodbUri });
  const classes = notifications.collections.map((collection) => collection.class);
  await applyIndexes(mongo.connection, classes);
  const spent: Record<string, number> = {};
  const timed = <Value>(name: string, work: Promise<Value>): Promise<Value> => {
    const begun = performance.now();
    return work.finally(() => (spent[name] = (spent[name] ?? 0) + performance.now() - begun));
  };
  const bound = bindModels(mongo.connection, classes);
  const models: Models = {
    ...bound,
    updateEach: (target, updates) => timed('recording', bound.updateEach(target, updates)),
  };
  const jobs = await openJobs({ postgres, queues: notificationQueues });
  const smtp = await openSmtpSender({
    url: `smtp://127.0.0.1:${port}`,
    from: 'bench@example.com',
    connections,
  });
  let handedOver = 0;
  const sender: Sender = {
    ...smtp,
    async send(message) {
      const outcome = await timed('smtp', smtp.send(message));
      handedOver += 1;
      return outcome;
    },
  };
  const directory = createNotificationDirectory(postgres);
  let own = preferences;
  const service = new NotificationService({
    models,
    postgres,
    senders: [sender],
    types: [type as unknown as NotificationType<never>],
    jobs: {
      ...jobs,
      add: (...parameters: Parameters<typeof jobs.add>) => timed('adding jobs', jobs.add(...parameters)),
      complete: (...parameters: Parameters<typeof jobs.complete>) =>
        timed('completing jobs', jobs.complete(...parameters)),
    } as typeof jobs,
    directory: { ...directory, find: (ids) => timed('directory', directory.find(ids)) },
    preferencesOf: async (ids) => new Map(ids.map((id) => [id, own])),
    limits: { smtp: { concurrent: connections * 4 } },
  });
  const deliveries = models.of(NotificationDelivery);
  const insertMany = deliveries.insertMany.bind(deliveries) as (...given: unknown[]) => Promise<unknown>;
  Object.assign(deliveries, {
    insertMany: (...given: unknown[]) => timed('storing', insertMany(...given)),
  });
  await service.start();
  const request = (group: string) => ({ to: { groups: [group] }, type: type.type, data: { task: 'Deck' } });
  const count = (filter: object) => deliveries.countDocuments(filter);
  return {
    renderOne: (name: string) =>
      service.preview({
        type: type.type,
        channel: 'email',
        locale: 'en',
        data: { task: 'Deck' },
        recipient: { name },
      }),
    /** Sends to a group, and measures until the last delivery is stored as sent. */
    async sendTo(group: string, size: number) {
      for (const name of Object.keys(spent)) delete spent[name];
      const begun = performance.now();
      const cpu = process.cpuUsage();
      const { notification_id } = await service.send(request(group));
      // Asked only towards the end: the database has better things to do than to count.
      const goal = handedOver + size;
      while (handedOver < goal) await wait(10);
      const handedOverSeconds = (performance.now() - begun) / 1_000;
      while ((await count({ notification_id, state: 'sent' })) < size) await wait(20);
      const seconds = (performance.now() - begun) / 1_000;
      const { user, system } = process.cpuUsage(cpu);
      const { smtp: sending = 0, ...others } = spent;
      const perMail = (milliseconds: number) => (milliseconds * 1_000) / size;
      const microseconds = Object.fromEntries(
        Object.entries(others).map(([name, milliseconds]) => [name, perMail(milliseconds)]),
      );
      const cpuMicroseconds = (user + system) / size;
      return {
        seconds,
        handedOverSeconds,
        cpuMicroseconds,
        microseconds,
        sendingMicroseconds: perMail(sending),
      };
    },
    /** Promises one notification to a group whose members all wait for the end of quiet hours; watches the memory. */
    async enqueue(group: string, size: number) {
      own = silent;
      const begun = performance.now();
      const { notification_id } = await service.send(request(group));
      let firstMegabytes = 0;
      let peakMegabytes = 0;
      for (let stored = 0; stored < size; stored = await count({ notification_id })) {
        const megabytes = process.memoryUsage().rss / 1_000_000;
        if (stored < size / 10) firstMegabytes = Math.max(firstMegabytes, megabytes);
        else peakMegabytes = Math.max(peakMegabytes, megabytes);
        await wait(250);
      }
      const seconds = (performance.now() - begun) / 1_000;
      return { firstMegabytes, peakMegabytes, seconds };
    },
    async close() {
      await jobs.close();
      await service.close();
      await postgres.close();
      await mongo.close();
    },
  };
}

async function addUsers({ pool }: Pick<Postgres, 'pool'>, recipients: number): Promise<void> {
  const mails = Number(process.env['BENCH_MAILS'] ?? 5_000);
  await pool.query(
    `insert into infratraq.users (user_id, email, display_name)
     select 'user-' || n, 'user-' || n || '@example.com', 'User ' || n from generate_series(1, $1::int) n`,
    [recipients],
  );
  for (const [group, size] of [
    [`bench-${mails}`, mails],
    ['bench-all', recipients],
  ] as const) {
    await pool.query('insert into infratraq.groups (group_id, title) values ($1, $1)', [group]);
    await pool.query(
      `insert into infratraq.group_members (group_id, user_id)
       select $1, 'user-' || n from generate_series(1, $2::int) n`,
      [group, size],
    );
  }
  await pool.query('analyze infratraq.users, infratraq.group_members');
}
