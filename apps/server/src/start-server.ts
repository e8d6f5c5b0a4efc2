import {
  captureSlotOf,
  createCapture,
  createMongoChangeSink,
  keepRefusedChange,
  prepareCapture,
} from '@infratraq/capture';
import { startEngines } from '@infratraq/engines';
import { createEventWriter } from '@infratraq/ingest';
import { watchChannels } from '@infratraq/messaging/postgres';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';
import { notificationQueues, openInAppSender } from '@infratraq/notifications';
import { connectPostgres, migrate, openJobs, watchCollectionStates } from '@infratraq/postgres';
import { store } from '@infratraq/store';
import type { Logger } from 'pino';
import type { AddressInfo } from 'node:net';
import { Server as SocketServer } from 'socket.io';
import { buildApp } from './build-app.js';
import type { Environment } from '@infratraq/environment';
import { keepCuttingOldHistory } from './chat/cut-old-history.js';
import { openChat } from './chat/open-chat.js';
import { loadDemonstration } from './demonstration/load-demonstration.js';
import { loadDemonstrationDocuments } from './demonstration/load-documents.js';
import { chooseTokens } from './identity/tokens.js';
import { announceServer, type ServerAddresses } from '@infratraq/environment';
import { openEventStorage } from './event-storage.js';
import { openAlerts } from './alerts/open-alerts.js';
import { openMailLinks } from './notifications/open-mail-links.js';
import { openSenders } from './notifications/open-senders.js';
import { serveNotifications } from './notifications/serve-notifications.js';
import { openConsumers } from './consumers/open-consumers.js';
import { watchCapture } from './consumers/watch-capture.js';
import { keepDeadLetters, reportRefusedChange } from './keep-dead-letters.js';
import { openFiles } from './files/open-files.js';
import { openMail } from './mail/open-mail.js';
import { openAudit } from './open-audit.js';
import { migrations } from './migrations.js';
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
    log: (line) => log.debug(line),
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
  await migrate(postgres, migrations);

  const mongo = await connectMongo({ uri: engines.mongodbUri });
  opened.defer(() => mongo.close());
  for (const lack of mongo.capabilities.off) log.info(lack);
  const classes = store.collections.map((definition) => definition.class);
  await applyIndexes(mongo.connection, classes);

  const states = await watchCollectionStates(postgres, (error) =>
    log.warn({ err: error }, 'collection states'),
  );
  opened.defer(() => states.close());
  const models = bindModels(mongo.connection, classes, { states });
  const storage = await openEventStorage(environment);
  const events = createEventWriter({ models, states, log, ...storage });
  keepDeadLetters(events);
  opened.defer(async () => {
    const { undelivered, kept } = await events.close();
    if (kept > 0) log.warn({ kept }, 'events are kept in the journal for the next start');
    if (undelivered > 0) log.error({ undelivered }, 'events were left unwritten');
  });

  const names = { slot: captureSlotOf(engines.postgresUrl) };
  await prepareCapture(postgres, names);
  const capture = createCapture({
    ...names,
    postgresUrl: engines.postgresUrl,
    log,
    sink: createMongoChangeSink(mongo.connection, {
      onRejected: async (refused) => {
        await keepRefusedChange(postgres, refused);
        await reportRefusedChange(models, refused);
      },
    }),
    onError: (error) => log.error({ err: error }, 'change capture'),
  });
  capture.start();
  opened.defer(() => capture.stop());
  const watch = watchCapture(postgres, names, log);
  opened.defer(() => watch.stop());

  const files = await openFiles({ environment, models, events, log });
  opened.defer(() => files.close());

  const { objects, lent, scanner, signing } = files;
  const mail = openMail({
    environment,
    models,
    postgres,
    objects,
    files: lent,
    scanner,
    linkSecret: signing.secret,
    log,
  });

  const audit = await openAudit({
    environment,
    models,
    postgres,
    events,
    log,
    redactionKey: storage.redactionKey,
  });
  opened.defer(() => audit.close());

  const channels = await watchChannels(postgres, (error) => log.warn({ err: error }, 'channels'));
  opened.defer(() => channels.close());
  const io = new SocketServer({ maxHttpBufferSize: bytesInSocketMessage, serveClient: false });
  const senders = await openSenders(environment, log);
  senders.push(await openInAppSender({ namespace: io.of('/notifications') }));
  opened.defer(async () => void (await Promise.all(senders.map((sender) => sender.close()))));
  const jobs = await openJobs({
    postgres,
    queues: notificationQueues,
    onError: (error) => log.warn({ err: error }, 'jobs'),
  });
  opened.defer(() => jobs.close());

  const links = await openMailLinks(environment);
  const services = composeServices({
    links,
    mongo,
    models,
    postgres,
    states,
    channels,
    events,
    files,
    mail,
    audit,
    jobs,
    senders,
    log,
    chatRetentionDays: environment.CHAT_RETENTION_DAYS,
  });
  const isEmbedded = engines.postgres.embedded && engines.mongodb.embedded;
  if (isEmbedded && (await loadDemonstration(postgres))) await loadDemonstrationDocuments(services, postgres);
  const alerts = await openAlerts({
    models,
    postgres,
    log,
    notifier: services.notifications,
    listHidden: services.watchable.listHidden,
    intervalSeconds: environment.ALERTS_INTERVAL_SECONDS,
  });
  opened.defer(() => alerts.close());
  // After the demonstration has filled what consumers keep in step from here on.
  const consumers = openConsumers({
    ...names,
    postgresUrl: engines.postgresUrl,
    mongo,
    models,
    capture,
    log,
    postgres,
    listHidden: services.watchable.listHidden,
    more: [alerts.consumer],
    masking: audit.consumers,
  });
  opened.defer(() => consumers.stop());

  const app = await buildApp(environment, tokens, services, log);
  io.attach(app.server);
  const chat = await openChat({ environment, io, services, channels, tokens, log });
  opened.defer(() => chat.close());
  const cutting = keepCuttingOldHistory(channels, {
    postgres,
    models,
    gateway: chat,
    log,
    retentionDays: environment.CHAT_RETENTION_DAYS,
  });
  opened.defer(() => cutting.stop());
  const serving = await serveNotifications({ io, services, tokens, log });
  opened.defer(() => serving.close());
  await mail.start(services.notifications);
  opened.defer(() => mail.close());
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
