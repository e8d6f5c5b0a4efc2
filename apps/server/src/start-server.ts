import { createCapture, createMongoChangeSink, prepareCapture } from '@infratraq/capture';
import { startEngines } from '@infratraq/engines';
import { createEventWriter } from '@infratraq/ingest';
import { chatGateway } from '@infratraq/messaging/gateway';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';
import { newCauseId } from '@infratraq/kernel';
import { connectPostgres, loadDemonstration, migrate, watchCollectionStates } from '@infratraq/postgres';
import { store } from '@infratraq/store';
import type { Logger } from 'pino';
import type { AddressInfo } from 'node:net';
import { Server as SocketServer } from 'socket.io';
import { buildApp } from './build-app.js';
import type { Environment } from '@infratraq/environment';
import { chooseTokens } from './identity/tokens.js';
import { announceServer, type ServerAddresses } from '@infratraq/environment';
import { composeServices } from './services.js';

/** A server that listens. */
export interface RunningServer extends ServerAddresses {
  /** Finishes requests, drains the event writer, stops capture and connections, then the embedded databases. */
  close(): Promise<void>;
}

const bytesInSocketMessage = 256 * 1024;

/** Starts everything: the databases it needs, migrations, indexes, capture, HTTP and Socket.IO. */
export async function startServer(environment: Environment, log: Logger): Promise<RunningServer> {
  // What was opened last is closed first, also when a later step of the start fails.
  await using opened = new AsyncDisposableStack();
  const addresses = await start(environment, log, opened);
  const kept = opened.move();
  return { ...addresses, close: () => kept.disposeAsync() };
}

async function start(
  environment: Environment,
  log: Logger,
  opened: AsyncDisposableStack,
): Promise<ServerAddresses> {
  const tokens = chooseTokens(environment);
  const engines = await startEngines({
    dataDirectory: environment.DATA_DIR,
    log: (line) => log.info(line),
    environment: {
      ...process.env,
      MONGODB_URI: environment.MONGODB_URI,
      POSTGRES_URL: environment.POSTGRES_URL,
    },
  });
  opened.defer(() => engines.stop());

  const postgres = await connectPostgres({
    url: engines.postgresUrl,
    onIdleError: (error) => log.warn({ err: error }, 'a PostgreSQL connection was lost'),
  });
  opened.defer(() => postgres.close());
  await migrate(postgres);

  const mongo = await connectMongo({ uri: engines.mongodbUri });
  opened.defer(() => mongo.close());
  for (const lack of mongo.capabilities.off) log.info(lack);
  const classes = store.collections.map((definition) => definition.class);
  await applyIndexes(mongo, classes);

  const states = await watchCollectionStates(postgres, (error) =>
    log.warn({ err: error }, 'collection states'),
  );
  opened.defer(() => states.close());
  const models = bindModels(mongo.connection, classes, { states });
  const events = createEventWriter({ models });
  opened.defer(() => events.close());

  await prepareCapture(postgres);
  const capture = createCapture({
    postgresUrl: engines.postgresUrl,
    sink: createMongoChangeSink(mongo.connection),
    onError: (error) => log.error({ err: error }, 'change capture'),
  });
  await capture.start();
  opened.defer(() => capture.stop());
  if (engines.postgres.embedded && engines.mongodb.embedded) await loadDemonstration(postgres);

  const services = composeServices({ mongo, models, postgres, states, events });
  const app = await buildApp(environment, tokens, services, log);
  const io = new SocketServer(app.server, { maxHttpBufferSize: bytesInSocketMessage, serveClient: false });
  chatGateway(io.of('/chat'), {
    chat: services.chat,
    membership: services.membership,
    authenticate: async (token) => ({ ...(await tokens.authenticate(token)), cause_id: newCauseId() }),
  });
  await app.listen({ port: environment.PORT, host: environment.HOST });
  opened.defer(() => app.close());
  opened.defer(() => io.close());

  const url = urlOf(app.server.address() as AddressInfo, environment);
  const addresses = { url, mongodbUri: engines.mongodbUri, postgresUrl: engines.postgresUrl };
  const withdraw = await announceServer(environment.DATA_DIR, addresses);
  opened.defer(withdraw);
  return addresses;
}

function urlOf(address: AddressInfo, { HOST }: Environment): string {
  const host = HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST.includes(':') ? `[${HOST}]` : HOST;
  return `http://${host}:${address.port}`;
}
