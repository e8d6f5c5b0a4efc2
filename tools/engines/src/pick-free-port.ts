import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

// Below those that systems lend to outgoing connections, one of which would take a port before a server listens on it.
const [firstPort, afterLastPort] = [20_000, 32_000];
const mostAttempts = 100;

/** Picks a TCP port on loopback that nothing listens on; by chance, so that two who pick at once hardly pick the same. */
export async function pickFreePort(): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const port = randomInt(firstPort, afterLastPort);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt === mostAttempts) throw error;
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
