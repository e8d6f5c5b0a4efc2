import { readEnvironment, superviseProcess } from '@infratraq/environment';
import { createLogger } from './platform/create-logger.js';
import { startServer, type RunningServer } from './start-server.js';

const environment = readEnvironment(process.env);
const log = createLogger(environment.LOG_LEVEL);
let server: RunningServer | undefined;
superviseProcess({
  onFatal: (error, what) => log.fatal({ err: error }, what),
  close: async (reason) => {
    if (reason === 'signal') await server?.drain();
    await server?.close();
  },
});
try {
  server = await startServer(environment, log);
  process.stdout.write(`InfraTraq is ready at ${server.url}\n`);
} catch (error) {
  log.fatal({ err: error }, error instanceof Error ? error.message : 'the server did not start');
  process.exitCode = 1;
}
