import { createPreferenceServices, type PreferenceServices } from '@infratraq/preferences';
import { createOrganisationRepository, preferenceMigrations } from '@infratraq/preferences/postgres';
import { preferenceRoutes } from '@infratraq/preferences/routes';
import type { AuditServices } from '../audit/index.js';
import type { Feature } from '../feature.js';
import type { InsightServices } from '../insight/index.js';
import { requireWatchableColumn } from './watchable-columns.js';

/** Settings, layouts, favourites and alerts of users. */
export const preferences: Feature<{ audit: AuditServices; insight: InsightServices }, PreferenceServices> = {
  migrations: [preferenceMigrations],
  open: ({ models, postgres }, { audit, insight }) => {
    const services = createPreferenceServices({
      models,
      organisations: createOrganisationRepository(postgres),
      requireWatchable: requireWatchableColumn({ ...audit, ...insight }),
    });
    return {
      services,
      routes: async (api) => void (await api.register(preferenceRoutes, services)),
    };
  },
};
