import {
  captureSlotOf,
  createCapture,
  createMongoChangeSink,
  keepRefusedChange,
  prepareCapture,
} from '@infratraq/capture';
import type { AuditServices } from '../audit/index.js';
import type { Feature } from '../feature.js';
import type { IntegrationServices } from '../integration/index.js';
import { captureRoutes } from './capture-routes.js';
import { replayLetter } from './replay-letter.js';
import { reportRefusedChange } from './report-refused-change.js';
import { startConsumers } from './start-consumers.js';
import { watchCapture } from './watch-capture.js';

/** Captures row changes from PostgreSQL's log, and gives them to the consumers of all features. */
export const capture: Feature<{ integration: IntegrationServices; audit: AuditServices }, object> = {
  open: async (platform, { integration: { deadLetters }, audit: { listHidden } }, defer) => {
    const { postgres, postgresUrl, mongo, models, log } = platform;
    const slot = captureSlotOf(postgresUrl);
    await prepareCapture(postgres, { slot });
    const running = createCapture({
      slot,
      postgresUrl,
      log,
      sink: createMongoChangeSink(mongo.connection, {
        onRejected: async (refused) => {
          await keepRefusedChange(postgres, refused);
          await reportRefusedChange(models, refused);
        },
      }),
      onError: (error) => log.error({ err: error }, 'change capture'),
    });
    running.start();
    defer(() => running.stop());
    watchCapture(platform, slot, defer);
    return {
      services: {},
      routes: async (api) =>
        void (await api.register(captureRoutes, { postgres, mongo, models, slot, deadLetters })),
      deadLetterReplays: { capture: replayLetter(platform, { slot, deadLetters }) },
      start: async ({ consumers }, started) =>
        startConsumers(platform, { capture: running, slot, consumers, listHidden, deadLetters }, started),
    };
  },
};
