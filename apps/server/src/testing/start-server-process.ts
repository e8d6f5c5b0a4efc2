import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LoopReading } from './probe-process.js';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const probe = new URL('./probe-process.ts', import.meta.url).href;
const hooks = new URL('../../../../tools/swc-hooks.mjs', import.meta.url).href;

/** A server in a process of its own, that a test can kill. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** The longest turn of its event loop since this was asked last. */
  readLoop(): Promise<LoopReading>;
  /** Sends it a signal, as an operator or an orchestrator does. */
  signal(name: NodeJS.Signals): void;
  /** Its exit status, once it has ended; null when a signal has ended it. */
  readonly ended: Promise<number | null>;
  /** Ends it with SIGKILL, as a crash would. */
  kill(): Promise<void>;
}

/** Starts the server from source in a process of its own and waits until it is ready. */
export async function startServerProcess(environment: NodeJS.ProcessEnv): Promise<ServerProcess> {
  const parameters = ['-C', '@infratraq/source', '--import', hooks, '--import', probe, main];
  const child: ChildProcess = spawn(process.execPath, parameters, {
    env: { PATH: process.env['PATH'], PORT: '0', LOG_LEVEL: 'fatal', ...environment },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(([status]) => status as number | null);
  for await (const line of createInterface({ input: child.stdout! })) {
    const url = /ready at (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    return {
      url,
      pid: child.pid!,
      async readLoop() {
        const answered = once(child, 'message');
        child.send('read');
        return (await answered)[0] as LoopReading;
      },
      ended,
      signal: (name) => void child.kill(name),
      async kill() {
        child.kill('SIGKILL');
        await ended;
      },
    };
  }
  throw new Error('The server process ended before it was ready');
}
