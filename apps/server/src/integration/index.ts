import { createEventReplay } from '@infratraq/ingest';
import { DeadLetters, replayEvents } from '@infratraq/integration';
import { integrationMigrations } from '@infratraq/integration/postgres';
import { requestLog } from '@infratraq/integration/request-log';
import { deadLetterRoutes, integrationRoutes } from '@infratraq/integration/routes';
import type { Models } from '@infratraq/mongo';
import type { Feature } from '../feature.js';

/** What other features may ask of the integration feature. */
export interface IntegrationServices {
  readonly deadLetters: DeadLetters;
}

/** The log of requests and the dead letters. */
export const integration: Feature<object, IntegrationServices> = {
  migrations: [integrationMigrations],
  open: ({ events, models }) => {
    const deadLetters = new DeadLetters(models);
    return {
      services: { deadLetters },
      hooks: async (app) => void (await app.register(requestLog, { events })),
      routes: async (api, { deadLetterReplays: replays }) => {
        await api.register(integrationRoutes, { models });
        await api.register(deadLetterRoutes, { deadLetters, replays });
      },
      deadLetterReplays: { ingest: ({ _id }, by) => replayEvent(models, String(_id), by) },
    };
  },
};

async function replayEvent(models: Models, id: string, by: string) {
  const replayed = replayEvents(models, createEventReplay(models), { id }, { isDryRun: false, by });
  for await (const { outcome } of replayed) if (outcome !== 'stored') return 'refused';
  return 'replayed';
}
