import { openParts, warnOfError, type CollectionStates, type RecipientPreferences } from '@infratraq/kernel';
import { openModels, type Models, type MongoSource } from '@infratraq/mongo';
import { openJobs, openPostgres, type Jobs, type Postgres, type PostgresSource } from '@infratraq/postgres';
import { notifications as category } from './category.js';
import type { MailComplaints } from './complaints/mail-complaints.js';
import { Inbox } from './inbox/inbox.js';
import { notificationQueues } from './jobs/queues.js';
import { createDeviceRepository, type DeviceRepository } from './postgres/device-repository.js';
import { createMailComplaintRepository } from './postgres/mail-complaint-repository.js';
import { notificationMigrations } from './postgres/migrations/index.js';
import { createNotificationDirectory } from './postgres/notification-directory.js';
import type { Directory } from './recipients/directory.js';
import type { Sender } from './senders/sender.js';
import { NotificationService } from './service/notification-service.js';
import type {
  NotificationServiceOptions,
  NotificationWorkers,
} from './service/notification-service-options.js';

type Parts = 'models' | 'postgres' | 'jobs' | 'directory' | 'preferencesOf' | 'senders';

/** Where both databases are, and how notifications are sent; the other options are those of `NotificationService`. */
export type OpenNotificationsOptions = MongoSource &
  PostgresSource &
  Omit<NotificationServiceOptions, Parts> & {
    /** The channels besides the inbox; those of the same channel are asked in this order. */
    readonly senders?: readonly Sender[];
    /** The methods that the project answers itself; the tables in PostgreSQL answer the others. */
    readonly directory?: Partial<Directory>;
    /** @default English, at any hour, on the channels of the type */
    readonly preferencesOf?: NotificationServiceOptions['preferencesOf'];
    /** Jobs of the caller's, opened with `notificationQueues`; they stay open. */
    readonly jobs?: Jobs;
    /** How much this process does at once; `false` for a process that only asks for notifications. */
    readonly workers?: NotificationWorkers | false;
    /** Makes reads and writes obey the lifecycle of their collection. */
    readonly states?: CollectionStates;
  };

/** Notifications that are ready, and the parts that routes and gateways work with. */
export interface OpenedNotifications {
  readonly notifications: NotificationService;
  readonly inbox: Inbox;
  readonly devices: DeviceRepository;
  readonly complaints: MailComplaints;
  readonly models: Models;
  /** For transactions that a notification is to be part of. */
  readonly postgres: Postgres;
  /** Finishes what is being sent, and closes the senders and the connections that were opened here. */
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
 * Opens notifications: connects where a URL is given, prepares both databases, and begins to send.
 *
 * @throws InfratraqError `mongo.unreachable`, `postgres.unreachable`, `postgres.migration-failed`
 * @throws DefinitionError `definition.notification.…` for a type with a wrong template
 * @example
 * const { notifications, close } = await openNotifications({ mongodbUri, postgresUrl, types, senders });
 * await notifications.send({ to: { users: ['u-7'] }, type: 'order.assigned', data: { order: 'Order 7' } });
 */
export function openNotifications(options: OpenNotificationsOptions): Promise<OpenedNotifications> {
  const { directory, workers = {}, senders = [], onError = warnOfError } = options;
  const reportJob = (error: Error) => onError(error, 'working on notifications');
  return openParts(async (defer) => {
    const { postgres, close: closePostgres } = await openPostgres(options, [notificationMigrations], {
      onError,
    });
    defer(closePostgres);
    const { models, close: closeModels } = await openModels(options, category, options);
    defer(closeModels);
    const complaints = options.complaints ?? createMailComplaintRepository(postgres);
    // Closed after the jobs: what is being sent needs its sender.
    defer(() => Promise.all(senders.map((sender) => sender.close())));
    const jobs =
      options.jobs ?? (await openJobs({ postgres, queues: notificationQueues, onError: reportJob }));
    if (!options.jobs) defer(() => jobs.close());
    const service = new NotificationService({
      preferencesOf: async (ids) => new Map(ids.map((id) => [id, plainPreferences])),
      ...options,
      models,
      postgres,
      jobs,
      senders,
      complaints,
      onError,
      directory: { ...createNotificationDirectory(postgres), ...directory },
    });
    if (workers) await service.start(workers);
    const inbox = new Inbox({ models, events: service.events });
    const devices = createDeviceRepository(postgres);
    return { notifications: service, inbox, devices, complaints, models, postgres };
  });
}
