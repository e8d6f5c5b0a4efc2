import { createServer, type AddressInfo } from 'node:net';

/** Asks the system for a TCP port on loopback that nothing listens on. */
export async function pickFreePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
