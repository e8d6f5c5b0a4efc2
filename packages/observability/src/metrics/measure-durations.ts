import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { EventRecorder } from '@infratraq/kernel';
import { PerformanceMetric, type DurationSummary } from '../collections/performance-metric.js';

/** What is measured, and where it is recorded. */
export interface MeasureOptions {
  readonly events: EventRecorder;
  /** What is measured (`http.server.request`). */
  readonly metric: string;
  readonly service: string;
  /** The process that measures. */
  readonly instance: string;
  /**
   * Length of a window. The windows of all processes begin at the same moments.
   * @default 60
   */
  readonly windowSeconds?: number;
}

/** Collects durations and records one `performance_metric` per endpoint and window. */
export interface DurationMeter {
  /** Adds one occurrence to a histogram. */
  add(endpoint: string, milliseconds: number, isFailed: boolean): void;
  /** Records the running window and stops. */
  close(): void;
}

interface Endpoint {
  readonly microseconds: RecordableHistogram;
  failed: number;
}

const longestMicroseconds = 24 * 60 * 60 * 1_000_000;

/** Starts to measure. An endpoint without an occurrence in a window has no record for it. */
export function measureDurations(options: MeasureOptions): DurationMeter {
  const { events, metric, service, instance, windowSeconds = 60 } = options;
  const windowMilliseconds = windowSeconds * 1_000;
  let endpoints = new Map<string, Endpoint>();
  let begun = beginOf(Date.now());
  let timer = waitForEnd();

  function beginOf(time: number): number {
    return Math.floor(time / windowMilliseconds) * windowMilliseconds;
  }
  function waitForEnd(): NodeJS.Timeout {
    return setTimeout(
      () => {
        endWindow();
        timer = waitForEnd();
      },
      Math.max(begun + windowMilliseconds - Date.now(), 1),
    ).unref();
  }
  /** Both the timer and an occurrence end windows; whichever comes second, or too early, ends nothing. */
  function endWindow(): void {
    if (Date.now() >= begun + windowMilliseconds) record();
  }
  function record(): void {
    for (const [endpoint, measured] of endpoints)
      events.record(PerformanceMetric, {
        metric,
        endpoint,
        service,
        instance,
        measured_at: new Date(begun),
        window_seconds: windowSeconds,
        ...summarize(measured, windowSeconds),
      });
    endpoints = new Map();
    // A clock that is set back begins no window again.
    begun = Math.max(beginOf(Date.now()), begun + windowMilliseconds);
  }
  return {
    add(endpoint, milliseconds, isFailed) {
      // In a busy process the timer is late; an occurrence after the window's end belongs to the next one.
      endWindow();
      let measured = endpoints.get(endpoint);
      if (!measured) endpoints.set(endpoint, (measured = { microseconds: newHistogram(), failed: 0 }));
      measured.microseconds.record(
        Math.min(Math.max(Math.round(milliseconds * 1_000), 1), longestMicroseconds),
      );
      if (isFailed) measured.failed += 1;
    },
    close() {
      clearTimeout(timer);
      record();
    },
  };
}

/** Durations with a precision of one percent, in a few kilobytes. */
function newHistogram(): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: longestMicroseconds, figures: 2 });
}

function summarize({ microseconds, failed }: Endpoint, windowSeconds: number): Partial<PerformanceMetric> {
  const { count, min, max, mean } = microseconds;
  const percentile = (share: number) => microseconds.percentile(share) / 1_000;
  const duration: DurationSummary = {
    minimum_ms: min / 1_000,
    mean_ms: mean / 1_000,
    p50_ms: percentile(50),
    p95_ms: percentile(95),
    p99_ms: percentile(99),
    maximum_ms: max / 1_000,
  };
  return {
    count,
    error_count: failed,
    error_rate: failed / count,
    throughput_per_second: count / windowSeconds,
    duration,
  };
}
