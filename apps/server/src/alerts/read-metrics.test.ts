import { describe, expect, it } from '@jest/globals';
import { AnalyticsAggregate, hashDimensions } from '@infratraq/caches';
import { PerformanceMetric } from '@infratraq/observability';
import type { MetricSelection } from '@infratraq/preferences';
import { useModels } from '@infratraq/testing';
import { readMetrics } from './read-metrics.js';

const at = new Date('2026-05-04T08:00:30Z');
const secondsBefore = (seconds: number) => new Date(at.getTime() - seconds * 1_000);

describe('metrics as alerts read them', () => {
  const database = useModels(PerformanceMetric, AnalyticsAggregate);
  const read = (selection: Partial<MetricSelection> & { metric: string }) =>
    readMetrics(database.models).readMetric(
      { source: 'performance_metric', statistic: 'p95_ms', granularity: 'daily', ...selection },
      at,
    );
  const window = (metric: string, endpoint: string, seconds: number, p95_ms: number, more: object = {}) => ({
    metric,
    endpoint,
    service: 'server',
    instance: 'one',
    measured_at: secondsBefore(seconds),
    window_seconds: 60,
    count: 10,
    error_count: 1,
    error_rate: 0.1,
    throughput_per_second: 10 / 60,
    duration: {
      minimum_ms: p95_ms / 100,
      mean_ms: p95_ms / 2,
      p50_ms: 2,
      p95_ms,
      p99_ms: p95_ms,
      maximum_ms: p95_ms,
    },
    ...more,
  });

  it('are the latest window, joined over processes and endpoints', async () => {
    const metric = 'joined';
    await database.models
      .of(PerformanceMetric)
      .insertMany([
        window(metric, 'GET /a', 150, 900),
        window(metric, 'GET /a', 90, 100),
        window(metric, 'GET /a', 90, 300, { instance: 'two', count: 30, error_count: 3 }),
        window(metric, 'GET /b', 90, 200, { labels: { region: 'eu' } }),
      ]);
    expect(await read({ metric })).toBe(300);
    expect(await read({ metric, dimensions: { endpoint: 'GET /b' } })).toBe(200);
    expect(await read({ metric, dimensions: { instance: 'one', endpoint: 'GET /a' } })).toBe(100);
    expect(await read({ metric, dimensions: { region: 'eu' } })).toBe(200);
    const a = { metric, dimensions: { endpoint: 'GET /a' } };
    expect(await read({ ...a, statistic: 'count' })).toBe(40);
    expect(await read({ ...a, statistic: 'error_rate' })).toBe(4 / 40);
    expect(await read({ ...a, statistic: 'mean_ms' })).toBe((10 * 50 + 30 * 150) / 40);
    expect(await read({ ...a, statistic: 'minimum_ms' })).toBe(1);
    expect(await read({ ...a, statistic: 'maximum_ms' })).toBe(300);
    expect(await read({ ...a, statistic: 'error_count' })).toBe(4);
    expect(await read({ ...a, statistic: 'throughput_per_second' })).toBeCloseTo(20 / 60);
  });

  it('have no rate and no mean while nothing is measured, and windows that nobody timed no duration', async () => {
    const metric = 'idle';
    const idle = window(metric, 'GET /a', 90, 0, {
      count: 0,
      error_count: 0,
      error_rate: 0,
      duration: undefined,
    });
    await database.models.of(PerformanceMetric).create(idle);
    expect(await read({ metric, statistic: 'count' })).toBe(0);
    for (const statistic of ['error_rate', 'mean_ms', 'minimum_ms', 'p95_ms'] as const)
      expect(await read({ metric, statistic })).toBeUndefined();
  });

  it('are known of short windows until every process has had the time to write its own', async () => {
    const short = { window_seconds: 1 };
    const late = [window('late', 'GET /a', 31, 100, short), window('too_late', 'GET /a', 32, 100, short)];
    await database.models.of(PerformanceMetric).insertMany(late);
    expect(await read({ metric: 'late' })).toBe(100);
    expect(await read({ metric: 'too_late' })).toBeUndefined();
  });

  it('are unknown once the latest window is older than three of them', async () => {
    const metric = 'aged';
    await database.models.of(PerformanceMetric).create(window(metric, 'GET /a', 240, 100));
    expect(await read({ metric })).toBe(100);
    await database.models.of(PerformanceMetric).deleteMany({});
    await database.models.of(PerformanceMetric).create(window(metric, 'GET /a', 241, 100));
    expect(await read({ metric })).toBeUndefined();
    expect(await read({ metric: 'none' })).toBeUndefined();
  });

  it('are the rollup of the running period for their dimensions', async () => {
    const rollup = (day: number, sum: number, dimensions: Record<string, string>) => ({
      metric: 'overdue',
      granularity: 'daily',
      dimensions,
      dimensions_hash: hashDimensions(dimensions),
      period_start: new Date(Date.UTC(2026, 4, day)),
      period_end: new Date(Date.UTC(2026, 4, day + 1)),
      count: 4,
      sum,
      percentiles: { p50: 1, p95: 7, p99: 9 },
      source: 'work_orders',
      is_complete: false,
      computed_at: at,
    });
    await database.models
      .of(AnalyticsAggregate)
      .insertMany([rollup(3, 10, {}), rollup(4, 23, {}), rollup(4, 5, { region: 'north' })] as never[]);
    const overdue = { metric: 'overdue', source: 'analytics_aggregate' as const, statistic: 'sum' as const };
    expect(await read(overdue)).toBe(23);
    expect(await read({ ...overdue, dimensions: { region: 'north' } })).toBe(5);
    expect(await read({ ...overdue, statistic: 'p95' })).toBe(7);
    expect(await read({ ...overdue, granularity: 'weekly' })).toBeUndefined();
    const old = { ...rollup(1, 40, {}), metric: 'abandoned' };
    await database.models.of(AnalyticsAggregate).insertMany([old] as never[]);
    expect(await read({ ...overdue, metric: 'abandoned' })).toBeUndefined();
  });
});
