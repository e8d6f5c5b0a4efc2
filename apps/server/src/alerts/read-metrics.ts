import { hashDimensions, listAggregates } from '@infratraq/caches';
import { days } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import { listMetricInTime, listMetricOfEndpoint, type PerformanceMetric } from '@infratraq/observability';
import type { MetricGranularity, MetricReader, MetricSelection } from '@infratraq/preferences';
import { combineWindows } from './combine-windows.js';

const periodDays: Readonly<Record<MetricGranularity, number>> = { daily: 1, weekly: 7, monthly: 31 };
const mostWindows = 1_000;
/** A window is recorded when it has ended, and by each process a moment later. */
const leastFreshSeconds = 30;

/** Reads what alerts watch from `performance_metric` and `analytics_aggregate`. */
export function readMetrics(models: Models): MetricReader {
  return {
    readMetric: (selection, at) =>
      selection.source === 'performance_metric'
        ? readWindow(models, selection, at)
        : readRollup(models, selection, at),
  };
}

/** The latest window; what is older than three windows says nothing of the present. */
async function readWindow(
  models: Models,
  { metric, statistic, dimensions = {} }: MetricSelection,
  at: Date,
): Promise<number | undefined> {
  const { endpoint, ...labels } = dimensions;
  const range = { metric, from: before(at, 1), to: at };
  const found = await (endpoint === undefined
    ? models.find(listMetricInTime, range, { limit: mostWindows })
    : models.find(listMetricOfEndpoint, { ...range, endpoint }, { limit: mostWindows }));
  const windows = found.filter((window) => isLabelled(window, labels));
  const [latest] = windows;
  if (!latest) return undefined;
  const endedAt = latest.measured_at.getTime() + latest.window_seconds * 1_000;
  const freshSeconds = Math.max(3 * latest.window_seconds, leastFreshSeconds);
  if (endedAt < at.getTime() - freshSeconds * 1_000) return undefined;
  const isSame = ({ measured_at }: PerformanceMetric) =>
    measured_at.getTime() === latest.measured_at.getTime();
  return combineWindows(windows.filter(isSame), statistic);
}

function isLabelled(window: PerformanceMetric, labels: Readonly<Record<string, string>>): boolean {
  const { service, instance } = window;
  const own: Record<string, string | undefined> = { ...window.labels, service, instance };
  return Object.entries(labels).every(([name, value]) => own[name] === value);
}

/** The rollup of the running period, or of the one before while that is not begun. */
async function readRollup(
  models: Models,
  { metric, statistic, granularity, dimensions = {} }: MetricSelection,
  at: Date,
): Promise<number | undefined> {
  const rollups = await models.find(listAggregates, {
    metric,
    granularity,
    dimensions_hash: hashDimensions(dimensions),
    from: before(at, 2 * periodDays[granularity]),
    to: at,
  });
  const { percentiles, ...rollup } = rollups.at(-1) ?? {};
  return (rollup as Record<string, number | undefined>)[statistic] ?? percentileOf(percentiles, statistic);
}

function percentileOf(percentiles: object | undefined, statistic: string): number | undefined {
  return (percentiles as Record<string, number> | undefined)?.[statistic];
}

function before(at: Date, count: number): Date {
  return new Date(at.getTime() - days(count) * 1_000);
}
