import {
  createPreferenceServices,
  type PreferenceServices,
  type RequireWatchable,
} from '@infratraq/preferences';
import { createOrganisationRepository, preferenceMigrations } from '@infratraq/preferences/postgres';
import { preferenceRoutes } from '@infratraq/preferences/routes';
import type { AccessServices } from '../access/index.js';
import type { AuditServices } from '../audit/index.js';
import type { Feature } from '../feature.js';
import type { InsightServices } from '../insight/index.js';
import { requireWatchableColumn } from './watchable-columns.js';

/** What other features may ask of preferences. */
export interface ServerPreferences extends PreferenceServices {
  readonly requireWatchable: RequireWatchable;
}

/** Settings, layouts, favourites and alerts of users. */
export const preferences: Feature<
  { access: AccessServices; audit: AuditServices; insight: InsightServices },
  ServerPreferences
> = {
  migrations: [preferenceMigrations],
  open: ({ models, postgres }, { access, audit, insight }) => {
    const requireWatchable = requireWatchableColumn({ access, ...audit, ...insight });
    const services = createPreferenceServices({
      models,
      organisations: createOrganisationRepository(postgres),
      requireWatchable,
    });
    return {
      services: { ...services, requireWatchable },
      routes: async (api) => void (await api.register(preferenceRoutes, services)),
    };
  },
};
