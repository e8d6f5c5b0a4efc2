import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { findOnPath } from '../cache-directory.js';
import { startEngineProcess } from '../engine-process.js';
import { EngineUnavailableError } from '../engine-unavailable-error.js';
import { pickFreePort } from '../pick-free-port.js';

/** A running Redis that keeps nothing on disk. */
export interface Redis {
  readonly url: string;
  stop(): Promise<void>;
  /** Ends it with SIGKILL, as a crash would. */
  kill(): Promise<void>;
}

/**
 * Starts Redis (Debian: redis-server) on loopback, empty.
 *
 * @throws EngineUnavailableError `engine.unavailable` when it isn't installed, `engine.start-failed` when it ends at once.
 */
export async function startRedis(
  { port: wanted }: { readonly port?: number } = {},
  log: (line: string) => void = () => undefined,
): Promise<Redis> {
  const command = await findOnPath('redis-server', process.env);
  if (!command)
    throw new EngineUnavailableError(
      'engine.unavailable',
      'redis-server is not installed; Debian: redis-server',
    );
  const port = wanted ?? (await pickFreePort());
  const server = await startEngineProcess({
    name: 'redis',
    command,
    arguments: ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'],
    stopSignal: 'SIGTERM',
    log,
  });
  while (!(await answersPing(port))) {
    if (server.hasExited())
      throw new EngineUnavailableError('engine.start-failed', `redis-server ended:\n${server.output()}`);
    await wait(20);
  }
  return { url: `redis://127.0.0.1:${port}`, stop: server.stop, kill: server.kill };
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.on('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('data', (answer) => {
      resolve(answer.toString().startsWith('+PONG'));
      socket.destroy();
    });
  });
}
