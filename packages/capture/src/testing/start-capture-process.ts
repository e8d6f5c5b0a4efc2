import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CaptureBench } from './open-capture-bench.js';

const program = fileURLToPath(new URL('./capture-process.ts', import.meta.url));
const hooks = new URL('../../../../tools/swc-hooks.mjs', import.meta.url).href;

/** Starts a process that captures, from source; small batches, so that it can be killed between them. */
export function startCaptureProcess(
  { names, postgresUrl, mongodbUri }: CaptureBench,
  maxBatchChanges = 20,
): ChildProcess {
  return fork(program, {
    execArgv: ['-C', '@infratraq/source', '--import', hooks],
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      POSTGRES_URL: postgresUrl,
      MONGODB_URI: mongodbUri,
      CAPTURE_SLOT: names.slot,
      CAPTURE_BATCH: String(maxBatchChanges),
    },
  });
}

/** Resolves when the process has sent `message` this many times. */
export async function awaitMessage(child: ChildProcess, message: string, times = 1): Promise<void> {
  for (let seen = 0; seen < times;) {
    const [received] = (await once(child, 'message')) as [string];
    if (received === message) seen += 1;
  }
}

/** Kills the process as a crash would, and waits for its end. */
export async function killProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
