import { startMongo, type MongoEngine } from './start-mongo.js';
import { startPostgres } from './start-postgres.js';
import type { MongoKind } from './order-mongo-candidates.js';

/** Which databases to use or start. */
export interface StartEnginesOptions {
  /** Embedded engines keep their data in `mongodb` and `postgres` below this folder. */
  readonly dataDirectory: string;
  readonly log?: (line: string) => void;
  /** Read for MONGODB_URI, POSTGRES_URL, INFRATRAQ_ENGINE, PATH and XDG_CACHE_HOME. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Every acknowledged MongoDB write survives SIGKILL. */
  readonly durable?: boolean;
  /** For tests: what is written need not outlive a crash of the machine, and nobody asks what happened a while ago. */
  readonly disposable?: boolean;
}

/** Both databases, running. */
export interface Engines {
  readonly mongodbUri: string;
  readonly postgresUrl: string;
  readonly mongodb: {
    readonly kind: 'external' | MongoKind;
    /** Known for embedded engines. */
    readonly version?: string;
    readonly embedded: boolean;
  };
  readonly postgres: { readonly kind: 'external' | 'embedded'; readonly embedded: boolean };
  /** Stops what was started here; external databases stay as they are. */
  stop(): Promise<void>;
}

/**
 * Uses the databases that MONGODB_URI and POSTGRES_URL name, and starts embedded ones for those that are unset.
 *
 * @throws EngineUnavailableError when an engine can't be had.
 */
export async function startEngines(options: StartEnginesOptions): Promise<Engines> {
  const environment = options.environment ?? process.env;
  const [mongo, postgres] = await Promise.allSettled([
    environment.MONGODB_URI ? undefined : startMongo({ ...options, environment }),
    environment.POSTGRES_URL ? undefined : startPostgres(options),
  ]);
  if (mongo.status === 'rejected' || postgres.status === 'rejected') {
    if (mongo.status === 'fulfilled') await mongo.value?.stop();
    if (postgres.status === 'fulfilled') await postgres.value?.stop();
    throw mongo.status === 'rejected' ? mongo.reason : (postgres as PromiseRejectedResult).reason;
  }
  return {
    mongodbUri: mongo.value?.uri ?? (environment.MONGODB_URI as string),
    postgresUrl: postgres.value?.url ?? (environment.POSTGRES_URL as string),
    mongodb: describeMongodb(mongo.value),
    postgres: postgres.value ? { kind: 'embedded', embedded: true } : { kind: 'external', embedded: false },
    stop: async () => {
      await Promise.all([mongo.value?.stop(), postgres.value?.stop()]);
    },
  };
}

function describeMongodb(engine: MongoEngine | undefined): Engines['mongodb'] {
  return engine
    ? { kind: engine.kind, version: engine.version, embedded: true }
    : { kind: 'external', embedded: false };
}
