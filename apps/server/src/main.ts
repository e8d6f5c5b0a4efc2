import { readEnvironment } from '@infratraq/environment';
import type { Logger } from 'pino';
import { createLogger } from './platform/create-logger.js';
import { startServer } from './start-server.js';

const secondsToClose = 20;

const environment = readEnvironment(process.env);
const log = createLogger(environment.LOG_LEVEL);
try {
  const server = await startServer(environment, log);
  process.stdout.write(`InfraTraq is ready at ${server.url}\n`);
  closeOnSignals(log, () => server.close());
} catch (error) {
  log.fatal({ err: error }, error instanceof Error ? error.message : 'the server did not start');
  process.exitCode = 1;
}

function closeOnSignals(log: Logger, close: () => Promise<void>): void {
  let closing = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (closing) return;
      closing = true;
      setTimeout(() => process.exit(1), secondsToClose * 1_000).unref();
      close().then(
        () => process.exit(0),
        (error: unknown) => {
          log.fatal({ err: error }, 'the server did not close cleanly');
          process.exit(1);
        },
      );
    });
}
