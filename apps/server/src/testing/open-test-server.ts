import { createTestDatabases } from '@infratraq/engines';
import { readEnvironment } from '@infratraq/environment';
import type { Role } from '@infratraq/kernel';
import { connectMongo } from '@infratraq/mongo';
import { connectPostgres } from '@infratraq/postgres';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DestinationStream } from 'pino';
import { loadDemonstration } from '../demonstration/load-demonstration.js';
import { createLogger } from '../platform/create-logger.js';
import { features, startServer } from '../index.js';
import { signToken, testSecret } from './sign-token.js';

export interface Answer<Body = Record<string, unknown>> {
  status: number;
  type: string;
  body: Body;
}

/** Settings under which the server starts databases of its own. */
export const embeddedDatabases = { MONGODB_URI: '', POSTGRES_URL: '' } satisfies NodeJS.ProcessEnv;

/**
 * The composed server on databases of its own, with the demonstration's rows, as a client outside sees it. With
 * {@link embeddedDatabases} among its settings it starts its own.
 */
export async function openTestServer(
  settings: NodeJS.ProcessEnv = {},
  log?: DestinationStream,
  composed = features,
) {
  const isEmbedded = settings['MONGODB_URI'] === '';
  const databases = isEmbedded ? undefined : await createTestDatabases();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'infratraq-server-'));
  const environment = readEnvironment({
    PORT: '0',
    MONGODB_URI: databases?.mongodbUri,
    POSTGRES_URL: databases?.postgresUrl,
    ...(!isEmbedded && { AUTH_SECRET: testSecret }),
    DATA_DIR: dataDirectory,
    ...settings,
  });
  const server = await startServer(environment, createLogger(log ? 'trace' : 'silent', log), composed);
  const postgres = await connectPostgres({ url: server.postgresUrl });
  if (!isEmbedded) await loadDemonstration(postgres);
  // Tests of access withdraw this rule; to all others every user and entity is as good as the next.
  await postgres.pool.query(`insert into infratraq.scope_rules (entity_type, rule) values ('*', 'open')`);
  const mongo = await connectMongo({ uri: server.mongodbUri });

  const call = async <Body>(path: string, init: RequestInit = {}): Promise<Answer<Body>> => {
    const response = await fetch(new URL(path, server.url), init);
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    return {
      status: response.status,
      type,
      body: (type.includes('json') && text !== '' ? JSON.parse(text) : text) as Body,
    };
  };
  const tokenOf = async (user: string, roles: readonly Role[]): Promise<string> => {
    if (environment.AUTH_SECRET !== undefined) return signToken(user, roles, environment.AUTH_SECRET);
    const body = JSON.stringify({ user, roles });
    const headers = { 'content-type': 'application/json' };
    const answer = await call<{ token: string }>('/api/v1/auth/dev-token', { method: 'POST', headers, body });
    return answer.body.token;
  };
  return {
    ...server,
    dataDirectory,
    postgres,
    mongo: mongo.connection,
    call,
    tokenOf,
    /** What MongoDB holds, past the server. */
    mongodbDocuments: (collection: string, filter: object = {}) =>
      mongo.connection.collection(collection).find(filter).toArray(),
    /** Puts a document in the place of one, as another program that shares the database does. */
    async putDocument(collection: string, filter: object, document: object): Promise<void> {
      await mongo.connection.collection(collection).replaceOne(filter, document, { upsert: true });
    },
    /** Changes a collection's options past the server, as an operator with a shell can. */
    alterCollection: (name: string, options: object) =>
      mongo.connection.db!.command({ collMod: name, ...options }),
    /** Calls the API as a user. */
    async as(user: string, ...roles: Role[]) {
      const token = await tokenOf(user, roles);
      return <Body = Record<string, unknown>>(method: string, path: string, body?: unknown) =>
        call<Body>(`/api/v1${path}`, {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
        });
    },
    async close() {
      await postgres.close();
      await mongo.close();
      await server.close();
      await databases?.drop();
      await rm(dataDirectory, { recursive: true });
    },
  };
}

export type TestServer = Awaited<ReturnType<typeof openTestServer>>;
