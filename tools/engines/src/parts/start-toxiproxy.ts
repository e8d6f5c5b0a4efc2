import { startEngineProcess } from '../engine-process.js';
import { EngineUnavailableError } from '../engine-unavailable-error.js';
import { pickFreePort } from '../pick-free-port.js';
import { toxiproxy } from './go-programs.js';
import { provideGoProgram } from './provide-go-program.js';

/** What a poor network does to one direction of its connections; times in milliseconds. */
export type Toxic =
  | { readonly type: 'latency'; readonly attributes: { latency: number; jitter?: number } }
  | { readonly type: 'bandwidth'; readonly attributes: { /** KB/s */ rate: number } }
  /** Swallows everything, and closes the connection after `timeout` (never when 0). */
  | { readonly type: 'timeout'; readonly attributes: { timeout: number } }
  /** Closes with a TCP reset after `timeout`. */
  | { readonly type: 'reset_peer'; readonly attributes: { timeout: number } }
  /** Closes after so many bytes. */
  | { readonly type: 'limit_data'; readonly attributes: { bytes: number } }
  | {
      readonly type: 'slicer';
      readonly attributes: { average_size: number; size_variation: number; /** µs */ delay: number };
    };

/** A way to a server whose network can be made worse at will. */
export interface FaultyLink {
  /** Port on loopback to connect to instead of the server's. */
  readonly port: number;
  /** Ends all connections and takes no new ones. */
  cut(): Promise<void>;
  /** Takes connections again. */
  restore(): Promise<void>;
  /** Adds a fault to what the server sends (`downstream`) or gets (`upstream`); answers how to end it. */
  poison(stream: 'downstream' | 'upstream', toxic: Toxic): Promise<() => Promise<void>>;
}

/** A running proxy for network faults. */
export interface Toxiproxy {
  /** Opens a link to a port on loopback. */
  link(upstreamPort: number): Promise<FaultyLink>;
  stop(): Promise<void>;
}

/**
 * Starts toxiproxy, which cuts, slows and resets connections for fault tests.
 *
 * @throws EngineUnavailableError `engine.unavailable` when it can't be had, `engine.start-failed` when it ends at once.
 */
export async function startToxiproxy(log: (line: string) => void = () => undefined): Promise<Toxiproxy> {
  const command = await provideGoProgram(toxiproxy, log);
  const port = await pickFreePort();
  const server = await startEngineProcess({
    name: 'toxiproxy',
    command,
    arguments: ['-host', '127.0.0.1', '-port', String(port)],
    stopSignal: 'SIGTERM',
    log,
  });
  const call = (method: string, path: string, body?: object) => callApi(port, method, path, body);
  while (!(await answers(port))) {
    if (server.hasExited())
      throw new EngineUnavailableError('engine.start-failed', `toxiproxy ended:\n${server.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  let links = 0;
  return {
    stop: server.stop,
    async link(upstreamPort) {
      const name = `link-${(links += 1)}`;
      const linkPort = await pickFreePort();
      const own = `/proxies/${name}`;
      await call('POST', '/proxies', {
        name,
        listen: `127.0.0.1:${linkPort}`,
        upstream: `127.0.0.1:${upstreamPort}`,
        enabled: true,
      });
      let toxics = 0;
      return {
        port: linkPort,
        cut: () => call('POST', own, { enabled: false }),
        restore: () => call('POST', own, { enabled: true }),
        async poison(stream, toxic) {
          const toxicName = `toxic-${(toxics += 1)}`;
          await call('POST', `${own}/toxics`, { name: toxicName, stream, toxicity: 1, ...toxic });
          return () => call('DELETE', `${own}/toxics/${toxicName}`);
        },
      };
    },
  };
}

async function callApi(port: number, method: string, path: string, body?: object): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`toxiproxy answered ${response.status} to ${method} ${path}: ${text}`);
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/version`).then(
    (response) => response.ok,
    () => false,
  );
}
