import type { PerformanceMetric } from '@infratraq/observability';
import type { MetricStatistic } from '@infratraq/preferences';

/** Windows of one stretch of time. */
export type MeasuredWindow = Pick<
  PerformanceMetric,
  'count' | 'error_count' | 'throughput_per_second' | 'duration'
>;

/**
 * One statistic of what several processes or endpoints measured within one window. Percentiles cannot be joined: the
 * worst one is taken, so that a slow one among many is not overlooked.
 */
export function combineWindows(
  windows: readonly MeasuredWindow[],
  statistic: MetricStatistic,
): number | undefined {
  const sum = (read: (window: MeasuredWindow) => number) =>
    windows.reduce((total, window) => total + read(window), 0);
  const count = sum((window) => window.count);
  const durations = windows.flatMap(({ duration }) => duration ?? []);
  switch (statistic) {
    case 'count':
      return count;
    case 'error_count':
      return sum((window) => window.error_count);
    case 'error_rate':
      return count === 0 ? undefined : sum((window) => window.error_count) / count;
    case 'throughput_per_second':
      return sum((window) => window.throughput_per_second);
    case 'mean_ms':
      return count === 0
        ? undefined
        : sum((window) => window.count * (window.duration?.mean_ms ?? 0)) / count;
    case 'minimum_ms':
      return least(durations.map(({ minimum_ms }) => minimum_ms));
    case 'p50_ms':
    case 'p95_ms':
    case 'p99_ms':
    case 'maximum_ms':
      return most(durations.map((duration) => duration[statistic]));
    default:
      return undefined;
  }
}

const least = (values: readonly number[]) => (values.length === 0 ? undefined : Math.min(...values));
const most = (values: readonly number[]) => (values.length === 0 ? undefined : Math.max(...values));
