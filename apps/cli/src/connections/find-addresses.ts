import { InfratraqError } from '@infratraq/kernel';
import { findServer, readEnvironment, type ServerAddresses } from '@infratraq/environment';

/** No server runs with this DATA_DIR, and the environment does not name what is needed. */
class ServerNotFoundError extends InfratraqError {
  constructor(dataDirectory: string, what: string) {
    super(
      'server.not-found',
      `No server runs with DATA_DIR ${dataDirectory}; start one with "npm start", or set ${what}`,
      { status: 503 },
    );
  }
}

/**
 * The server that runs with this environment's DATA_DIR.
 * @throws ServerNotFoundError
 */
export async function requireServer(source: NodeJS.ProcessEnv): Promise<ServerAddresses> {
  const { DATA_DIR } = readEnvironment(source);
  const server = await findServer(DATA_DIR);
  if (!server) throw new ServerNotFoundError(DATA_DIR, 'DATA_DIR to the folder of a running one');
  return server;
}

/** The connection strings in use: those of the environment, else those of the running server. */
async function findDatabases(
  source: NodeJS.ProcessEnv,
): Promise<{ mongodbUri: string | undefined; postgresUrl: string | undefined }> {
  const { DATA_DIR, MONGODB_URI, POSTGRES_URL } = readEnvironment(source);
  const server = await findServer(DATA_DIR);
  return { mongodbUri: MONGODB_URI ?? server?.mongodbUri, postgresUrl: POSTGRES_URL ?? server?.postgresUrl };
}

/** @throws ServerNotFoundError when neither the environment nor a running server names a MongoDB */
export async function requireMongodbUri(source: NodeJS.ProcessEnv): Promise<string> {
  const { mongodbUri } = await findDatabases(source);
  if (!mongodbUri) throw new ServerNotFoundError(readEnvironment(source).DATA_DIR, 'MONGODB_URI');
  return mongodbUri;
}

/** @throws ServerNotFoundError when neither the environment nor a running server names a PostgreSQL */
export async function requirePostgresUrl(source: NodeJS.ProcessEnv): Promise<string> {
  const { postgresUrl } = await findDatabases(source);
  if (!postgresUrl) throw new ServerNotFoundError(readEnvironment(source).DATA_DIR, 'POSTGRES_URL');
  return postgresUrl;
}
