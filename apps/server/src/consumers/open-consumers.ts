import { createConsumers, type Capture, type ChangeConsumer, type ChangeConsumers } from '@infratraq/capture';
import type { Models, Mongo } from '@infratraq/mongo';
import type { Logger } from 'pino';
import { indexEntities } from './index-entities.js';
import { invalidateCaches } from './invalidate-caches.js';
import { keepRejectedChange, settleRejectedChange } from './keep-rejected-change.js';
import { searchableTables } from './searchable-tables.js';

export interface ConsumersPlatform {
  readonly postgresUrl: string;
  readonly slot: string;
  readonly mongo: Mongo;
  readonly models: Models;
  readonly capture: Capture;
  readonly log: Logger;
  /** Besides those that every server has. */
  readonly more?: readonly ChangeConsumer[];
}

/** Starts everything that follows the changelog. */
export function openConsumers(platform: ConsumersPlatform): ChangeConsumers {
  const { postgresUrl, slot, mongo, models, capture, log, more = [] } = platform;
  const consumers = createConsumers({
    postgresUrl,
    slot,
    connection: mongo.connection,
    capture,
    consumers: [invalidateCaches(models), indexEntities(models, searchableTables), ...more],
    onRejected: (rejected) => keepRejectedChange(models, rejected),
    onReplayed: (consumer, changeId) => settleRejectedChange(models, consumer, changeId),
  });
  consumers.on('consumer:retrying', ({ consumer, error, delayMilliseconds }) =>
    log.warn({ err: error, consumer, delayMilliseconds }, 'a consumer of changes will try again'),
  );
  consumers.on('consumer:rejected', ({ consumer, change, error }) =>
    log.error({ err: error, consumer, change: change._id }, 'a consumer did not take a change'),
  );
  consumers.start();
  return consumers;
}
