import { integrationMigrations } from '@infratraq/integration/postgres';
import { requestLog } from '@infratraq/integration/request-log';
import { integrationRoutes } from '@infratraq/integration/routes';
import type { Feature } from '../feature.js';

/** The log of requests and the dead letters. */
export const integration: Feature<object, object> = {
  migrations: [integrationMigrations],
  open: ({ events, models }) => ({
    services: {},
    hooks: async (app) => void (await app.register(requestLog, { events })),
    routes: async (api) => void (await api.register(integrationRoutes, { models })),
  }),
};
