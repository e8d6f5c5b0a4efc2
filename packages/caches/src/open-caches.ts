import { openParts, type CollectionStates } from '@infratraq/kernel';
import { openModels, probeCapabilities, type Models, type MongoSource } from '@infratraq/mongo';
import { caches } from './category.js';
import { DashboardFigures } from './dashboards/dashboard-figures.js';
import { FigureWriter } from './dashboards/figure-writer.js';
import { invalidateSources } from './invalidation/source-claim.js';
import { CachedReports, type CachedReportsOptions } from './reports/cached-reports.js';
import { EntitySearch } from './search/entity-search.js';

/** Where the caches are, and which reports they hold. */
export type CachesOptions = MongoSource &
  Partial<Omit<CachedReportsOptions, 'models'>> & {
    /** Makes reads and writes obey the lifecycle of their collection. */
    readonly states?: CollectionStates;
  };

/** Reports, figures and search over precomputed documents. */
export interface OpenedCaches {
  readonly models: Models;
  readonly reports: CachedReports;
  readonly figures: DashboardFigures;
  readonly figureWriter: FigureWriter;
  readonly search: EntitySearch;
  /** Call it when entities of these kinds have changed: reports are dropped, figures are marked as stale. */
  invalidate(entityTypes: readonly string[] | '*', at: Date): Promise<void>;
  /** Closes the connection if `openCaches` opened it. */
  close(): Promise<void>;
}

/**
 * Opens the caches: connects where a URI is given, and builds the indexes.
 *
 * @throws InfratraqError `mongo.unreachable`
 * @throws DefinitionError `definition.report.unique`
 * @example
 * const { reports, close } = await openCaches({ mongodbUri, reports: [progress] });
 * const { cache, output } = await reports.run('project_progress', { project_id: '42' });
 */
export function openCaches(options: CachesOptions): Promise<OpenedCaches> {
  return openParts(async (defer) => {
    const { reports = [] } = options;
    const { models, close } = await openModels(options, caches, options);
    defer(close);
    return {
      models,
      reports: new CachedReports({ ...options, models, reports }),
      figures: new DashboardFigures({ models }),
      figureWriter: new FigureWriter({ models }),
      search: new EntitySearch({ models, capabilities: await probeCapabilities(models.connection) }),
      invalidate: (entityTypes: readonly string[] | '*', at: Date) =>
        invalidateSources(models, entityTypes, at),
    };
  });
}
