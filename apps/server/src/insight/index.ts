import { openCaches, type OpenedCaches } from '@infratraq/caches';
import { cacheRoutes, dashboardRoutes, searchRoutes } from '@infratraq/caches/routes';
import type { EntityReference } from '@infratraq/kernel';
import type { AccessServices } from '../access/index.js';
import { nameColumn } from '../audit/hidden-columns.js';
import type { AuditServices } from '../audit/index.js';
import type { Feature } from '../feature.js';
import { indexEntities } from './index-entities.js';
import { inspectionResults } from './inspection-results.js';
import { invalidateCaches } from './invalidate-caches.js';
import { createKeepVisible } from './keep-visible.js';
import { projectCosts } from './project-costs.js';
import { searchableTables } from './searchable-tables.js';

/** What other features may ask of reports and search. */
export interface InsightServices {
  readonly reports: OpenedCaches['reports'];
  /** Tables whose rows anybody finds by search, as changes name them. */
  readonly searchableTypes: readonly string[];
}

/** Reports, dashboards and search, kept in step with the rows that they show. */
export const insight: Feature<{ access: AccessServices; audit: AuditServices }, InsightServices> = {
  open: async ({ models, postgres }, { access, audit: { listHidden } }, defer) => {
    const keepVisible = createKeepVisible(access.scopes);
    const caches = await openCaches({
      models,
      reports: [projectCosts(postgres, keepVisible), inspectionResults(postgres, keepVisible)],
      readSensitive: async () => {
        const hidden = await listHidden();
        return (entityType, column) => hidden.has(nameColumn(entityType, column));
      },
    });
    defer(() => caches.close());
    const { reports } = caches;
    const { pool } = postgres;
    const scopesOf = (entities: readonly EntityReference[]) => access.scopes.ofMany(entities);
    return {
      services: { reports, searchableTypes: searchableTables.map(({ entityType }) => entityType) },
      routes: async (api) => {
        await api.register(cacheRoutes, caches);
        await api.register(searchRoutes, caches);
        await api.register(dashboardRoutes, caches);
      },
      consumers: [
        invalidateCaches(models),
        indexEntities({ models, pool, scopesOf }, searchableTables, listHidden),
      ],
    };
  },
};
