import type { RecipientPreferences } from '@infratraq/kernel';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';
import { openJobs, openPostgres, type Postgres } from '@infratraq/postgres';
import type { Directory } from './recipients/directory.js';
import { notificationMigrations } from './postgres/migrations/index.js';
import { createNotificationDirectory } from './postgres/notification-directory.js';
import { notifications as category } from './category.js';
import { notificationQueues } from './delivery/queues.js';
import { Inbox } from './inbox/inbox.js';
import {
  NotificationService,
  type NotificationServiceOptions,
  type NotificationWorkers,
} from './notification-service.js';

type Parts = 'models' | 'postgres' | 'jobs' | 'directory' | 'preferencesOf';

/** What notifications are opened with; the rest is as for the service. */
export interface OpenNotificationsOptions extends Omit<NotificationServiceOptions, Parts> {
  /** Names the database. */
  readonly mongodbUri: string;
  readonly postgresUrl: string;
  /** What of the directory is the project's own; the rest is asked of the tables in PostgreSQL. */
  readonly directory?: Partial<Directory>;
  /** Everybody is told in English, at any hour, on the channels of the type, unless it says otherwise. */
  readonly preferencesOf?: NotificationServiceOptions['preferencesOf'];
  readonly workers?: NotificationWorkers;
}

/** Notifications on connections of their own. */
export interface OpenedNotifications {
  readonly notifications: NotificationService;
  readonly inbox: Inbox;
  /** For transactions that a notification is to be part of. */
  readonly postgres: Postgres;
  /** Finishes what is being sent, then lets go of providers and databases. */
  close(): Promise<void>;
}

const plainPreferences: RecipientPreferences = {
  locale: 'en',
  time_zone: 'UTC',
  notifications: [],
  quiet_hours: { enabled: false, from: '22:00', to: '07:00', weekdays: [] },
  digest: { frequency: 'off', at: '08:00', weekday: 1 },
};

/**
 * Connects to both databases, prepares them, and begins to send: all that a project needs that has neither models nor
 * jobs of its own.
 * @throws InfratraqError `mongo.unreachable`, `postgres.unreachable`
 */
export async function openNotifications(options: OpenNotificationsOptions): Promise<OpenedNotifications> {
  const { mongodbUri, postgresUrl, directory, workers, onError = warn, ...others } = options;
  // What was opened last is closed first, also when a later step fails.
  await using opened = new AsyncDisposableStack();
  const { postgres, close } = await openPostgres({ postgresUrl }, [notificationMigrations], { onError });
  opened.defer(close);
  const mongo = await connectMongo({ uri: mongodbUri });
  opened.defer(() => mongo.close());
  const classes = category.collections.map((collection) => collection.class);
  await applyIndexes(mongo.connection, classes);
  const models = bindModels(mongo.connection, classes);
  opened.defer(async () => void (await Promise.all(options.senders.map((sender) => sender.close()))));
  const jobs = await openJobs({ postgres, queues: notificationQueues, onError });
  opened.defer(() => jobs.close());
  const service = new NotificationService({
    preferencesOf: async (ids) => new Map(ids.map((id) => [id, plainPreferences])),
    ...others,
    models,
    postgres,
    jobs,
    onError,
    directory: { ...createNotificationDirectory(postgres), ...directory },
  });
  await service.start(workers);
  const kept = opened.move();
  return {
    notifications: service,
    inbox: new Inbox({ models, events: service.events }),
    postgres,
    close: () => kept.disposeAsync(),
  };
}

function warn(error: unknown): void {
  process.emitWarning(error as Error);
}
