import { startEngines } from '@infratraq/engines';
import type { Defer } from '@infratraq/kernel';
import { bindModels, connectMongo } from '@infratraq/mongo';
import {
  connectPostgres,
  migrate,
  openJobs,
  watchCollectionStates,
  type JobQueue,
  type MigrationList,
} from '@infratraq/postgres';
import { store } from '@infratraq/store';
import { openIndexes } from './open-indexes.js';
import { openEvents } from './open-events.js';
import { openFileStorage } from './open-file-storage.js';
import { openSockets } from './open-sockets.js';
import type { Platform } from './platform.js';
import { chooseTokens } from './tokens.js';

/** What the platform is opened with: settings, and what the features declare. */
export interface OpenPlatformOptions extends Pick<Platform, 'environment' | 'log'> {
  readonly jobs: readonly JobQueue<object>[];
  readonly migrations: readonly MigrationList[];
}

/** Connects to the databases, starting the embedded ones where none are named, and brings them up to date. */
export async function openPlatform(
  { environment, log, jobs: queues, migrations }: OpenPlatformOptions,
  defer: Defer,
): Promise<Platform> {
  const tokens = chooseTokens(environment);
  const { MONGODB_URI, POSTGRES_URL, DATA_DIR: dataDirectory } = environment;
  const engines = await startEngines({
    dataDirectory,
    log: (line) => log.debug(line),
    environment: { ...process.env, MONGODB_URI, POSTGRES_URL },
  });
  defer(() => engines.stop());

  const postgres = await connectPostgres({
    url: engines.postgresUrl,
    onIdleError: (error) => log.warn({ err: error }, 'a PostgreSQL connection was lost'),
  });
  defer(() => postgres.close());
  await migrate(postgres, migrations);

  const mongo = await connectMongo({ uri: engines.mongodbUri });
  defer(() => mongo.close());
  for (const lack of mongo.capabilities.off) log.info(lack);
  const classes = store.collections.map((definition) => definition.class);
  const indexes = await openIndexes({ mongo, log, collections: classes }, defer);

  const states = await watchCollectionStates(postgres, (error) =>
    log.warn({ err: error }, 'collection states'),
  );
  defer(() => states.close());
  const models = bindModels(mongo.connection, classes, { states });
  const { events, redactionKey } = await openEvents({ environment, log, models, states }, defer);
  const { objects, signing } = await openFileStorage(environment, defer);
  const jobs = await openJobs({ postgres, queues, onError: (error) => log.warn({ err: error }, 'jobs') });
  defer(() => jobs.close());

  return {
    environment,
    log,
    onError: (error, doing) => log.error({ err: error }, doing),
    mongodbUri: engines.mongodbUri,
    postgresUrl: engines.postgresUrl,
    isEmbedded: engines.postgres.embedded && engines.mongodb.embedded,
    tokens,
    postgres,
    mongo,
    indexes,
    states,
    models,
    events,
    redactionKey,
    objects,
    signing,
    jobs,
    io: await openSockets(environment, log, defer),
  };
}
