import { requestMetrics } from '@infratraq/observability/request-metrics';
import { sql } from 'kysely';
import { hostname } from 'node:os';
import type { Feature } from '../feature.js';
import { healthRoutes } from './health-routes.js';

/** What other features may know of this process. */
export interface ObservabilityServices {
  /** Names this process in its measurements. */
  readonly instance: string;
}

/** Measures requests, and answers whether the server and what it needs are up. */
export const observability: Feature<object, ObservabilityServices> = {
  open: ({ environment, events, mongo, postgres, stopping }) => {
    const instance = `${hostname()}:${process.pid}`;
    const windowSeconds = environment.METRICS_WINDOW_SECONDS;
    return {
      services: { instance },
      checks: [
        { name: 'mongodb', check: () => mongo.connection.db!.command({ ping: 1 }) },
        { name: 'postgresql', check: () => sql`select 1`.execute(postgres.db) },
      ],
      hooks: async (app) => void (await app.register(requestMetrics, { events, instance, windowSeconds })),
      pages: async (app, { checks }) => void (await app.register(healthRoutes, { checks, stopping })),
    };
  },
};
