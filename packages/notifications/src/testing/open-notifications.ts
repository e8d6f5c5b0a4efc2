import { createTestDatabases } from '@infratraq/engines';
import type { RecipientPreferences } from '@infratraq/kernel';
import { openModels, type Models } from '@infratraq/mongo';
import { openJobs, openPostgres, type Jobs } from '@infratraq/postgres';
import { z } from 'zod';
import { notifications } from '../category.js';
import { notificationQueues } from '../jobs/queues.js';
import { openNotifications as open } from '../open-notifications.js';
import { notificationMigrations } from '../postgres/migrations/index.js';
import type { NotificationServiceOptions } from '../service/notification-service-options.js';
import { defineNotificationType } from '../templates/notification-type.js';

/** A type that is worded for every channel in two languages. */
export const taskAssigned = defineNotificationType({
  type: 'task.assigned',
  schema: z.object({ task: z.string(), by: z.string().optional() }),
  defaultChannels: ['in_app', 'email'],
  templates: {
    in_app: {
      en: { title: '{{ task }} is yours', body: 'Have a look', url: '/tasks' },
      de: { title: '{{ task }} ist deine', body: 'Sieh sie dir an', url: '/tasks' },
    },
    push: { en: { title: '{{ task }} is yours', body: 'Have a look' } },
    email: {
      en: { subject: '{{ task }} is yours', html: '<p>Dear {{ recipient.name }}, {{ task }} is yours.</p>' },
      de: { subject: '{{ task }} ist deine', html: '<p>{{ task }} ist deine.</p>' },
    },
    sms: { en: { body: '{{ task }} is yours' } },
  },
});

/** Preferences that hold nothing back. */
export const plainPreferences: RecipientPreferences = {
  locale: 'en',
  time_zone: 'UTC',
  notifications: [],
  quiet_hours: { enabled: false, from: '22:00', to: '07:00', weekdays: [1, 2, 3, 4, 5, 6, 7] },
  digest: { frequency: 'off', at: '08:00', weekday: 1 },
};

type Settings = Partial<Omit<NotificationServiceOptions, 'models' | 'postgres' | 'jobs'>> & {
  /** How recipients differ from the plain preferences. */
  readonly preferences?: Map<string, Partial<RecipientPreferences>>;
  /** Databases that were opened before, by another process. */
  readonly databases?: { readonly mongodbUri: string; readonly postgresUrl: string };
  readonly handlerSeconds?: number;
  /** Puts something between the service and its databases, to see or stop what it does there. */
  readonly intercept?: {
    readonly models?: (models: Models) => Models;
    readonly jobs?: (jobs: Jobs) => Jobs;
  };
};

/** Notifications over databases of their own, which nobody works on before `service.start()`. */
export async function openNotifications(settings: Settings = {}) {
  const { databases: given, preferences = new Map(), handlerSeconds, intercept = {}, ...options } = settings;
  const databases = given ? { ...given, drop: async () => undefined } : await createTestDatabases();
  const { postgres } = await openPostgres(databases, [notificationMigrations]);
  const { models: bound, close: closeModels } = await openModels(databases, notifications);
  const models = intercept.models?.(bound) ?? bound;
  const opened = await openJobs({
    postgres,
    queues: notificationQueues,
    onError: (error) => process.stderr.write(`${error.stack}\n`),
    ...(handlerSeconds !== undefined && { handlerSeconds }),
  });
  const jobs = intercept.jobs?.(opened) ?? opened;
  const { notifications: service, inbox } = await open({
    types: [taskAssigned],
    preferencesOf: async (ids) =>
      new Map(ids.map((id) => [id, { ...plainPreferences, ...preferences.get(id) }])),
    ...options,
    models,
    postgres,
    jobs,
    workers: false,
  });
  return {
    databases,
    postgres,
    models,
    jobs,
    service,
    preferences,
    inbox,
    async addUsers(...users: { user_id: string; email?: string; phone?: string }[]) {
      await postgres.db
        .insertInto('infratraq.users')
        .values(users.map((user) => ({ email: null, display_name: user.user_id, ...user })))
        .execute();
    },
    /** Lets time go by for jobs, which go by PostgreSQL's clock: what waits is due so much earlier. */
    async hastenJobs(milliseconds: number) {
      await postgres.pool.query(
        `update pgboss.job set start_after = start_after - $1 * interval '1 ms' where state < 'active'`,
        [milliseconds],
      );
    },
    async close() {
      await jobs.close();
      await service.close();
      await postgres.close();
      await closeModels();
      await databases.drop();
    },
  };
}

export type OpenNotifications = Awaited<ReturnType<typeof openNotifications>>;
