import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const hooks = new URL('../../../../tools/swc-hooks.mjs', import.meta.url).href;

/** Starts one of this folder's programs as a process that ends with this one. */
export function forkProgram(
  name: string,
  environment: Record<string, string>,
  flags: readonly string[] = [],
): ChildProcess {
  return fork(fileURLToPath(new URL(name, import.meta.url)), {
    execArgv: ['-C', '@infratraq/source', '--import', hooks, ...flags],
    env: { PATH: process.env['PATH'], ...environment },
  });
}

/** Starts a server process that ends with this one, and waits until it listens. */
export async function startChatProcess(environment: {
  MONGODB_URI: string;
  REDIS_URL: string;
  PORT: string;
  DISCONNECT_MILLISECONDS: string;
}): Promise<ChildProcess> {
  const child = forkProgram('chat-process.ts', environment);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The server process ended with ${code} before it listened`);
  });
  ended.catch(() => undefined);
  await Promise.race([once(child, 'message'), ended]);
  return child;
}

/** Ends a process with SIGKILL, as a crash would. */
export async function killProcess(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
