import { repeat, type Notifier } from '@infratraq/kernel';
import { runAlone } from '@infratraq/postgres';
import { AlertEvaluator } from '@infratraq/preferences';
import type { AuditServices } from '../audit/index.js';
import type { Feature } from '../feature.js';
import type { ServerPreferences } from '../preferences/index.js';
import { readMetrics } from './read-metrics.js';
import { watchEntities } from './watch-entities.js';

// Looking for what is due costs little, and the interval is kept although alerts become due at any moment of it.
const looksPerInterval = 4;

/** What alerts need of other features. */
export interface AlertNeeds {
  readonly audit: AuditServices;
  readonly preferences: Pick<ServerPreferences, 'requireWatchable'>;
  readonly notifications: { readonly notifications: Pick<Notifier, 'send'> };
}

/** Evaluates alerts: those on metrics at an interval in one process at a time, those on entities as rows change. */
export const alerts: Feature<AlertNeeds, object> = {
  open: async ({ environment, models, postgres, log }, { audit, preferences, notifications }) => {
    const intervalSeconds = environment.ALERTS_INTERVAL_SECONDS;
    const evaluator = new AlertEvaluator({
      models,
      requireWatchable: preferences.requireWatchable,
      notifier: notifications.notifications,
      metrics: readMetrics(models),
      intervalSeconds,
      onError: (error, doing) => log.error({ err: error, doing }, 'an alert could not be evaluated'),
    });
    await evaluator.adoptAlerts();
    return {
      services: {},
      consumers: [watchEntities(evaluator, audit.listHidden)],
      start: async (_offers, defer) => {
        const evaluating = repeat(() => runAlone(postgres, 'alerts', () => evaluator.evaluateDue()), {
          everyMilliseconds: (intervalSeconds * 1_000) / looksPerInterval,
          onError: (error) =>
            log.error(
              { err: error },
              'alerts could not be evaluated; it is tried again at the next interval',
            ),
        });
        defer(() => evaluating.stop());
      },
    };
  },
};
