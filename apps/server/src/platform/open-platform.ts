import { requireServerRights } from '@infratraq/capture';
import { createConfinedJobs } from '@infratraq/confined-jobs';
import { startEngines } from '@infratraq/engines';
import { explainEngineFailure, prepareDataDirectory } from '@infratraq/environment';
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
import type { BoundClosing } from './bound-closing.js';
import { openIndexes } from './open-indexes.js';
import { openEvents } from './open-events.js';
import { openFileStorage } from './open-file-storage.js';
import { openSockets } from './sockets/open-sockets.js';
import type { Platform } from './platform.js';
import { openTokens } from './tokens/open-tokens.js';
import { chooseTokens } from './tokens/choose-tokens.js';

/** What the platform is opened with: settings, and what the features declare. */
export interface OpenPlatformOptions extends Pick<Platform, 'environment' | 'log' | 'stopping'> {
  readonly jobs: readonly JobQueue<object>[];
  readonly migrations: readonly MigrationList[];
}

/** Connects to the databases, starting the embedded ones where none are named, and brings them up to date. */
export async function openPlatform(
  { environment, log, stopping, jobs: queues, migrations }: OpenPlatformOptions,
  { defer, deferKeeping }: BoundClosing,
): Promise<Platform> {
  const chosen = chooseTokens(environment);
  const { MONGODB_URI, POSTGRES_URL, DATA_DIR: dataDirectory } = environment;
  await prepareDataDirectory(dataDirectory);
  const engines = await startEngines({
    dataDirectory,
    log: (line) => log.debug(line),
    environment: { ...process.env, MONGODB_URI, POSTGRES_URL },
  }).catch(async (error: unknown) => {
    throw await explainEngineFailure(error, dataDirectory);
  });
  deferKeeping(() => engines.stop());

  const postgres = await connectPostgres({
    url: engines.postgresUrl,
    maxConnections: environment.POSTGRES_MAX_CONNECTIONS,
    connectTimeoutMilliseconds: environment.DATABASE_WAIT_SECONDS * 1_000,
    timeLimits: {
      statementMilliseconds: environment.POSTGRES_STATEMENT_SECONDS * 1_000,
      lockMilliseconds: environment.POSTGRES_LOCK_SECONDS * 1_000,
      idleTransactionMilliseconds: environment.POSTGRES_IDLE_TRANSACTION_SECONDS * 1_000,
    },
    onIdleError: (error) => log.warn({ err: error }, 'a PostgreSQL connection was lost'),
  });
  defer(() => postgres.close());
  await requireServerRights(postgres);
  await migrate(postgres, migrations);
  const isEmbedded = engines.postgres.embedded && engines.mongodb.embedded;
  const tokens = await openTokens(chosen, { environment, log, postgres, isEmbedded }, defer);

  const waitMilliseconds = environment.DATABASE_WAIT_SECONDS * 1_000;
  const mongo = await connectMongo({ uri: engines.mongodbUri, waitMilliseconds });
  defer(() => mongo.close());
  for (const notice of mongo.notices) log.warn(notice);
  for (const lack of mongo.capabilities.off) log.info(lack);
  const classes = store.collections.map((definition) => definition.class);
  const indexes = await openIndexes({ mongo, log, collections: classes }, defer);

  const states = await watchCollectionStates(postgres, (error) =>
    log.warn({ err: error }, 'collection states'),
  );
  defer(() => states.close());
  const queryLimits = { askedMilliseconds: environment.MONGODB_QUERY_SECONDS * 1_000 };
  const { objects, signing } = await openFileStorage(environment, defer);
  const models = bindModels(mongo.connection, classes, {
    states,
    queryLimits,
    cursorSecret: signing.secret,
  });
  const { events, redactionKey } = await openEvents({ environment, log, models, states }, deferKeeping);
  const jobs = await openJobs({ postgres, queues, onError: (error) => log.warn({ err: error }, 'jobs') });
  defer(() => jobs.close());
  const confinedJobs = createConfinedJobs({
    atOnce: environment.CONFINED_JOBS_AT_ONCE,
    memoryBytes: environment.CONFINED_JOB_MEBIBYTES * 1024 * 1024,
  });
  defer(() => confinedJobs.close());

  return {
    environment,
    log,
    onError: (error, doing) => log.error({ err: error }, doing),
    mongodbUri: engines.mongodbUri,
    postgresUrl: engines.postgresUrl,
    isEmbedded,
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
    confinedJobs,
    stopping,
    ...(await openSockets(environment, log, defer)),
  };
}
