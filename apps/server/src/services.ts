import { AuditHistory } from '@infratraq/audit';
import { ReportCache, SearchIndex } from '@infratraq/caches';
import type { ChannelMembership } from '@infratraq/kernel';
import type { EventWriter } from '@infratraq/ingest';
import { ChatService, CommentService } from '@infratraq/messaging';
import type { Models, Mongo } from '@infratraq/mongo';
import {
  createChannelMembershipRepository,
  createCollectionStateRepository,
  type Postgres,
  type WatchedCollectionStates,
} from '@infratraq/postgres';
import {
  AlertConfigService,
  DashboardLayoutService,
  FavoriteService,
  PreferenceService,
} from '@infratraq/preferences';
import { store } from '@infratraq/store';
import { sql } from 'kysely';
import { CollectionOverview } from './collections/collection-overview.js';
import { inspectionResults } from './reports/inspection-results.js';
import { projectCosts } from './reports/project-costs.js';

/** What the services stand on: both databases, connected, and the event writer. */
export interface Platform {
  readonly mongo: Mongo;
  readonly models: Models;
  readonly postgres: Postgres;
  readonly states: WatchedCollectionStates;
  readonly events: EventWriter;
}

export type Services = ReturnType<typeof composeServices>;

/** Builds every service of the server; all wiring between packages is here. */
export function composeServices(platform: Platform) {
  const { mongo, models, postgres, states, events } = platform;
  const channels = createChannelMembershipRepository(postgres);
  const membership: ChannelMembership = {
    roleOf: async (channel, userId) => (await channels.find(channel, userId))?.role,
  };
  const overview = new CollectionOverview({
    store,
    mongo,
    stateOf: states.stateOf,
    eventsOf: (collection) =>
      events.metrics().collections[collection] ?? { recorded: 0, written: 0, rejected: 0 },
  });
  return {
    events,
    models,
    membership,
    collections: { store, overview, repository: createCollectionStateRepository(postgres), states },
    auditHistory: new AuditHistory({ models }),
    chat: new ChatService({ models, membership }),
    comments: new CommentService({ models }),
    preferences: {
      preferences: new PreferenceService({ models }),
      layouts: new DashboardLayoutService({ models }),
      favorites: new FavoriteService({ models }),
      alerts: new AlertConfigService({ models }),
    },
    reports: new ReportCache({ models, reports: [projectCosts(postgres), inspectionResults(postgres)] }),
    search: new SearchIndex({ models, textAvailable: mongo.capabilities.text }),
    healthChecks: [
      { name: 'mongodb', check: () => mongo.connection.db!.command({ ping: 1 }) },
      { name: 'postgresql', check: () => sql`select 1`.execute(postgres.db) },
    ],
  };
}
