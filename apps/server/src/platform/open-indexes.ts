import type { Defer, DocumentClass } from '@infratraq/kernel';
import {
  ensureIndexes,
  formatIndexAction,
  IndexBuilder,
  type BuildProgress,
  type Mongo,
} from '@infratraq/mongo';
import type { Platform } from './platform.js';

/** Builds the indexes that writing counts on, and the others of large collections in the background. */
export async function openIndexes(
  {
    mongo,
    log,
    collections,
  }: Pick<Platform, 'log'> & { mongo: Mongo; collections: readonly DocumentClass[] },
  defer: Defer,
): Promise<Pick<IndexBuilder, 'status'>> {
  const { connection } = mongo;
  const onProgress = (build: BuildProgress) => log.info(build, 'building an index');
  const { pending, unsupported } = await ensureIndexes(connection, collections, { onProgress });
  for (const { collection, index, reason } of unsupported)
    log.debug({ collection, index: index.name, reason }, 'an index is not supported');
  for (const action of pending)
    log.warn({ index: formatIndexAction(action) }, 'an index is missing; it is built in the background');
  const builder = new IndexBuilder({
    connection,
    collections,
    pending,
    onProgress,
    onBuilt: (action) => log.info({ index: formatIndexAction(action) }, 'an index is built'),
    onError: (error, doing) => log.error({ err: error }, doing),
  });
  const stop = builder.start();
  defer(async () => stop());
  return builder;
}
