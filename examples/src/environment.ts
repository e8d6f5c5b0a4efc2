// The configuration is read and checked in one place, and a running server is found by its data directory.
import { findServer, listensOnLoopback, readEnvironment } from '@infratraq/environment';
import { DefinitionError } from '@infratraq/kernel';

const environment = readEnvironment({
  PORT: '8080',
  CORS_ORIGINS: 'https://one.example, https://two.example',
});
console.log(`port ${environment.PORT}, origins ${environment.CORS_ORIGINS?.join(' and ')}`);
console.log(`only reachable from this machine: ${listensOnLoopback(environment)}`);

try {
  readEnvironment({ PORT: 'eighty', AUTH_SECRET: 'short' });
} catch (error) {
  if (!(error instanceof DefinitionError)) throw error;
  console.log(`refused: ${error.message}`);
}

const server = await findServer(environment.DATA_DIR);
console.log(server ? `a server runs at ${server.url}` : `no server runs over ${environment.DATA_DIR}`);
