import { createHash } from 'node:crypto';
import { NotFoundError, type TimeRange } from '@infratraq/kernel';
import type { Models, Page, Stored } from '@infratraq/mongo';
import type { AnalyticsAggregate, Granularity } from '../collections/analytics-aggregate.js';
import type { DashboardSnapshot } from '../collections/dashboard-snapshot.js';
import { writePythonJson } from '../reports/python-json.js';
import { listAggregateBreakdown, listAggregates } from '../collections/analytics-aggregate.queries.js';
import { findLatestSnapshot } from '../collections/dashboard-snapshot.queries.js';

/** The figures of a metric; without `dimensions` those of every combination. */
export interface FigureSelection extends TimeRange {
  readonly metric: string;
  readonly granularity: Granularity;
  readonly dimensions?: Readonly<Record<string, string>> | undefined;
}

/** The hash by which rollups with the same dimensions are found; the total's dimensions are `{}`. */
export function hashDimensions(dimensions: Readonly<Record<string, string>>): string {
  return createHash('sha256').update(writePythonJson(dimensions)).digest('hex');
}

/** Reads precomputed figures for dashboards. */
export class DashboardFigures {
  readonly #models: Models;

  constructor(options: { models: Models }) {
    this.#models = options.models;
  }

  /**
   * The latest snapshot of a dashboard; `scope` is `all`, or an entity as `type:id`.
   * @throws NotFoundError `dashboard.no-snapshot`
   */
  async latestSnapshot(dashboard_id: string, scope = 'all'): Promise<Stored<DashboardSnapshot>> {
    const snapshot = await this.#models.findOne(findLatestSnapshot, { dashboard_id, scope });
    if (!snapshot)
      throw new NotFoundError(
        `There is no snapshot of dashboard ${dashboard_id} for ${scope}; it is computed on a schedule and kept 24 h`,
        'dashboard.no-snapshot',
      );
    return snapshot;
  }

  /** Rollups of a metric, oldest first. */
  async listFigures(
    { dimensions, ...selection }: FigureSelection,
    page: { cursor?: string | undefined; limit: number },
  ): Promise<Page<Stored<AnalyticsAggregate>>> {
    if (!dimensions) return this.#models.page(listAggregateBreakdown, selection, page);
    const narrowed = { ...selection, dimensions_hash: hashDimensions(dimensions) };
    return this.#models.page(listAggregates, narrowed, page);
  }
}
