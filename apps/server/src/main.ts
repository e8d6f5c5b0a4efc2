import { pino, type Logger } from 'pino';
import { readEnvironment, type Environment } from '@infratraq/environment';
import { startServer } from './start-server.js';

const secondsToClose = 20;

const environment = readEnvironment(process.env);
const log = createLogger(environment);
try {
  const server = await startServer(environment, log);
  process.stdout.write(`InfraTraq is ready at ${server.url}\n`);
  closeOnSignals(log, () => server.close());
} catch (error) {
  log.fatal({ err: error }, error instanceof Error ? error.message : 'the server did not start');
  process.exitCode = 1;
}

function createLogger({ LOG_LEVEL }: Environment): Logger {
  const options = { level: LOG_LEVEL, redact: ['req.headers.authorization', 'req.headers.cookie'] };
  // People read a terminal, machines read JSON; both on standard error, so that standard output says only what was asked.
  if (!process.stderr.isTTY) return pino(options, pino.destination(2));
  return pino({
    ...options,
    transport: { target: 'pino-pretty', options: { destination: 2, ignore: 'pid,hostname' } },
  });
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
