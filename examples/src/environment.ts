// The configuration is read and checked in one place, and a running server is found by its data directory.
import { findServer, readEnvironment } from '@infratraq/environment';

const { PORT, CORS_ORIGINS, DATA_DIR } = readEnvironment({
  PORT: '8080',
  CORS_ORIGINS: 'https://one.example, https://two.example',
});
console.log(`port ${PORT}, origins ${CORS_ORIGINS?.join(' and ')}`);
const server = await findServer(DATA_DIR);
console.log(server ? `a server runs at ${server.url}` : `no server runs over ${DATA_DIR}`);
