import { CachedReports, DashboardFigures, EntitySearch } from '@infratraq/caches';
import { createSensitiveFieldRepository } from '@infratraq/audit/postgres';
import type { EventWriter } from '@infratraq/ingest';
import { ChatService, CommentService } from '@infratraq/messaging';
import type { WatchedChannels } from '@infratraq/messaging/postgres';
import type { Models, Mongo } from '@infratraq/mongo';
import {
  createCollectionStateRepository,
  type Jobs,
  type Postgres,
  type WatchedCollectionStates,
} from '@infratraq/postgres';
import { createPreferenceServices } from '@infratraq/preferences';
import { createOrganisationRepository } from '@infratraq/preferences/postgres';
import { store } from '@infratraq/store';
import { sql } from 'kysely';
import { decideWatchable, nameColumn } from './alerts/watchable-columns.js';
import type { Sender } from '@infratraq/notifications';
import { createDeviceRepository } from '@infratraq/notifications/postgres';
import type { Logger } from 'pino';
import type { Files } from './files/open-files.js';
import type { Mail } from './mail/open-mail.js';
import { composeMembership } from './chat/compose-membership.js';
import type { Audit } from './open-audit.js';
import { CollectionOverview, type EventCounts } from './collections/collection-overview.js';
import { composeNotifications } from './notifications/compose-notifications.js';
import type { MailLinks } from './notifications/open-mail-links.js';
import { inspectionResults } from './reports/inspection-results.js';
import { projectCosts } from './reports/project-costs.js';

/** What the services stand on: both databases, connected, and the event writer. */
export interface Platform {
  readonly mongo: Mongo;
  readonly models: Models;
  readonly postgres: Postgres;
  readonly states: WatchedCollectionStates;
  readonly channels: WatchedChannels;
  readonly events: EventWriter;
  readonly files: Files;
  readonly mail: Mail;
  readonly audit: Audit;
  readonly jobs: Jobs;
  /** What notifications can be sent with; a channel without a sender is off. */
  readonly senders: readonly Sender[];
  /** Absent without a public address. */
  readonly links: MailLinks | undefined;
  /** After how many days chat is cut; kept for good when undefined. */
  readonly chatRetentionDays: number | undefined;
  readonly log: Logger;
}

export type Services = ReturnType<typeof composeServices>;

/** Builds every service of the server; all wiring between packages is here. */
export function composeServices(platform: Platform) {
  const { mongo, models, postgres, states, channels, events, files, mail, audit, jobs, senders, links, log } =
    platform;
  const membership = composeMembership(postgres, channels);
  const overview = new CollectionOverview({
    store,
    mongo,
    stateOf: states.stateOf,
    eventsOf: (collection) => countEvents(events, collection),
  });
  const watchable = decideWatchable(createSensitiveFieldRepository(postgres));
  const preferences = createPreferenceServices({
    models,
    organisations: createOrganisationRepository(postgres),
    requireWatchable: watchable.requireWatchable,
  });
  const sending = composeNotifications({
    models,
    postgres,
    jobs,
    senders,
    links,
    preferences,
    log,
    record: mail.record,
  });
  const { notifications: notifier } = sending;
  const onError = (error: unknown) => log.warn({ err: error }, 'a notification is asked for again later');
  return {
    events,
    models,
    files,
    mail,
    membership,
    collections: { store, overview, repository: createCollectionStateRepository(postgres), states },
    audit,
    chat: new ChatService({
      models,
      membership,
      notifier,
      onError,
      sendRate: { burst: 40, perSecond: 10 },
      retentionDays: platform.chatRetentionDays,
    }),
    comments: new CommentService({ models, notifier, onError }),
    preferences,
    watchable,
    ...sending,
    links,
    devices: createDeviceRepository(postgres),
    reports: new CachedReports({
      models,
      reports: [projectCosts(postgres), inspectionResults(postgres)],
      readSensitive: async () => {
        const hidden = await watchable.listHidden();
        return (entityType, column) => hidden.has(nameColumn(entityType, column));
      },
    }),
    search: new EntitySearch({ models, capabilities: mongo.capabilities }),
    figures: new DashboardFigures({ models }),
    healthChecks: [
      { name: 'mongodb', check: () => mongo.connection.db!.command({ ping: 1 }) },
      { name: 'postgresql', check: () => sql`select 1`.execute(postgres.db) },
    ],
  };
}

function countEvents(events: EventWriter, collection: string): EventCounts {
  const counts = events.metrics().collections[collection];
  if (!counts) return { recorded: 0, written: 0, rejected: 0 };
  const { depth, written, rejected, refused } = counts;
  return { recorded: depth + written + rejected + refused, written, rejected: rejected + refused };
}
