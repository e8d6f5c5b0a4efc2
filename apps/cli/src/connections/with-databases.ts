import { captureSlotOf } from '@infratraq/capture';
import { connectMongo, type Mongo } from '@infratraq/mongo';
import { connectPostgres, type Postgres } from '@infratraq/postgres';
import { requireMongodbUri, requirePostgresUrl } from './find-addresses.js';

/** The PostgreSQL that a command works with. */
export interface ConnectedPostgres {
  readonly postgres: Postgres;
  readonly url: string;
  /** Names of what capture keeps for this database. */
  readonly names: { readonly slot: string };
}

/** Both databases that a command works with. */
export type ConnectedDatabases = ConnectedPostgres & { readonly mongo: Mongo };

/** Runs the work with PostgreSQL connected. */
export async function withPostgres<Result>(
  source: NodeJS.ProcessEnv,
  work: (database: ConnectedPostgres) => Promise<Result>,
): Promise<Result> {
  const url = await requirePostgresUrl(source);
  const postgres = await connectPostgres({
    url,
    applicationName: 'infratraq command',
    // An operator sees that it takes long, and may end it.
    timeLimits: { statementMilliseconds: 3_600_000 },
  });
  try {
    return await work({ postgres, url, names: { slot: captureSlotOf(url) } });
  } finally {
    await postgres.close();
  }
}

/** Runs the work with both databases connected. */
export function withDatabases<Result>(
  source: NodeJS.ProcessEnv,
  work: (databases: ConnectedDatabases) => Promise<Result>,
): Promise<Result> {
  return withPostgres(source, async (database) => {
    const mongo = await connectMongo({ uri: await requireMongodbUri(source), appName: 'infratraq command' });
    try {
      return await work({ ...database, mongo });
    } finally {
      await mongo.close();
    }
  });
}
