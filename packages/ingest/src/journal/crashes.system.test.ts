import { describe, it } from '@jest/globals';
import {
  expectEngineKillsToCostNothing,
  expectProducerKillsToCostNothing,
} from '../testing/expect-no-loss.js';

const kills = 20;
const timeout = 300_000;

describe.each(['site_record', 'site_note'] as const)(
  'of %s (the one journal-first, the other buffered)',
  (collection) => {
    it(
      'nothing is lost or doubled when the engine is killed and restarted under load',
      () => expectEngineKillsToCostNothing(collection, kills),
      timeout,
    );

    it(
      'nothing that was promised is lost or doubled when the producer is killed',
      () => expectProducerKillsToCostNothing(collection, kills),
      timeout,
    );
  },
);
