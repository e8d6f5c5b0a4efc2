import type { UserAlertConfig } from '../collections/user-alert-config.js';
import type {
  MetricGranularity,
  MetricSource,
  MetricStatistic,
} from '../collections/user-alert-config-parts.js';

/** Which number of which metric. */
export interface MetricSelection {
  readonly metric: string;
  readonly source: MetricSource;
  readonly statistic: MetricStatistic;
  /** Of rollups. */
  readonly granularity: MetricGranularity;
  readonly dimensions?: Readonly<Record<string, string>>;
}

/** Reads metrics for alerts; the domains that keep them are wired to it by the application. */
export interface MetricReader {
  /** The metric's value at a time; undefined if no recent one is known. */
  readMetric(selection: MetricSelection, at: Date): Promise<number | undefined>;
}

/** The metric that an alert watches; undefined for an alert on an entity. */
export function metricOf(config: UserAlertConfig): MetricSelection | undefined {
  const { kind, metric, metric_source: source, statistic, granularity, dimensions } = config;
  if (kind !== 'metric' || metric === undefined || source === undefined) return undefined;
  return {
    metric,
    source,
    statistic: statistic ?? (source === 'performance_metric' ? 'p95_ms' : 'sum'),
    granularity: granularity ?? 'daily',
    ...(dimensions && { dimensions }),
  };
}
