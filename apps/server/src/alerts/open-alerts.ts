import { repeat, type Notifier } from '@infratraq/kernel';
import type { Models } from '@infratraq/mongo';
import { runAlone, type Postgres } from '@infratraq/postgres';
import { AlertEvaluator } from '@infratraq/preferences';
import type { Logger } from 'pino';
import { readMetrics } from './read-metrics.js';
import { watchEntities } from './watch-entities.js';

export interface OpenAlertsOptions {
  readonly models: Models;
  readonly postgres: Postgres;
  readonly notifier?: Pick<Notifier, 'send'>;
  /** Columns whose values alerts must not tell. */
  readonly listHidden: () => Promise<ReadonlySet<string>>;
  readonly intervalSeconds: number;
  readonly log: Logger;
}

// Looking for what is due costs little, and the interval is kept although alerts become due at any moment of it.
const looksPerInterval = 4;

/** Evaluates alerts: those on metrics at an interval in one process at a time, those on entities as rows change. */
export async function openAlerts(options: OpenAlertsOptions) {
  const { models, postgres, notifier, listHidden, intervalSeconds, log } = options;
  const evaluator = new AlertEvaluator({
    models,
    notifier,
    metrics: readMetrics(models),
    intervalSeconds,
    onError: (error, doing) => log.error({ err: error, doing }, 'an alert could not be evaluated'),
  });
  await evaluator.adoptAlerts();

  const evaluating = repeat(() => runAlone(postgres, 'alerts', () => evaluator.evaluateDue()), {
    everyMilliseconds: (intervalSeconds * 1_000) / looksPerInterval,
    onError: (error) =>
      log.error({ err: error }, 'alerts could not be evaluated; it is tried again at the next interval'),
  });
  return {
    consumer: watchEntities(evaluator, listHidden),
    async close() {
      await evaluating.stop();
    },
  };
}
