import { createConsumers, deadLetterTargetOf, type Capture } from '@infratraq/capture';
import type { DeadLetters } from '@infratraq/integration';
import type { Defer } from '@infratraq/kernel';
import type { ListHidden } from '../audit/hidden-columns.js';
import type { FeatureConsumer } from '../feature.js';
import type { Platform } from '../platform/platform.js';
import { keepRejectedChange } from './keep-rejected-change.js';
import { withholdSensitive } from './withhold-sensitive.js';

/** What consumers of changes are started with. */
export interface StartConsumersOptions {
  readonly capture: Capture;
  readonly slot: string;
  readonly consumers: readonly FeatureConsumer[];
  readonly listHidden: ListHidden;
  readonly deadLetters: DeadLetters;
}

/** Starts the features' consumers of changes. */
export function startConsumers(
  { postgresUrl, mongo, models, log }: Pick<Platform, 'postgresUrl' | 'mongo' | 'models' | 'log'>,
  { capture, slot, consumers, listHidden, deadLetters }: StartConsumersOptions,
  defer: Defer,
): void {
  const running = createConsumers({
    postgresUrl,
    slot,
    connection: mongo.connection,
    capture,
    consumers: consumers.map((consumer) =>
      consumer.masks ? consumer : withholdSensitive(consumer, listHidden),
    ),
    onRejected: (rejected) => keepRejectedChange(models, rejected),
    onReplayed: (consumer, changeId) =>
      deadLetters.settle(
        { target: deadLetterTargetOf(consumer), source_position: changeId },
        `consumer ${consumer}`,
      ),
  });
  running.on('consumer:retrying', ({ consumer, error, delayMilliseconds }) =>
    log.warn({ err: error, consumer, delayMilliseconds }, 'a consumer of changes will try again'),
  );
  running.on('consumer:rejected', ({ consumer, change, error }) =>
    log.error({ err: error, consumer, change: change._id }, 'a consumer did not take a change'),
  );
  running.start();
  defer(() => running.stop());
}
