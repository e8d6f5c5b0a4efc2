import { createConsumers, type Capture, type ChangeConsumer, type ChangeConsumers } from '@infratraq/capture';
import type { Models, Mongo } from '@infratraq/mongo';
import type { Postgres } from '@infratraq/postgres';
import type { Logger } from 'pino';
import { indexEntities } from './index-entities.js';
import { invalidateCaches } from './invalidate-caches.js';
import { keepRejectedChange, settleRejectedChange } from './keep-rejected-change.js';
import { searchableTables } from './searchable-tables.js';
import { withholdSensitive, type ListHidden } from './withhold-sensitive.js';

export interface ConsumersPlatform {
  readonly postgres: Postgres;
  readonly postgresUrl: string;
  readonly slot: string;
  readonly mongo: Mongo;
  readonly models: Models;
  readonly capture: Capture;
  readonly log: Logger;
  readonly listHidden: ListHidden;
  /** Besides those that every server has; like them, they are given no values of sensitive columns. */
  readonly more?: readonly ChangeConsumer[];
  /** Those that mask sensitive values themselves. */
  readonly masking?: readonly ChangeConsumer[];
}

/** Starts everything that follows the changelog. */
export function openConsumers(platform: ConsumersPlatform): ChangeConsumers {
  const { postgres, postgresUrl, slot, mongo, models, capture, log } = platform;
  const { listHidden, more = [], masking = [] } = platform;
  const search = indexEntities({ models, pool: postgres.pool }, searchableTables, listHidden);
  const open = [invalidateCaches(models), search, ...more];
  const consumers = createConsumers({
    postgresUrl,
    slot,
    connection: mongo.connection,
    capture,
    consumers: [...open.map((consumer) => withholdSensitive(consumer, listHidden)), ...masking],
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
