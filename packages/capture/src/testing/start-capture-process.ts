import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CaptureBench } from './open-capture-bench.js';

const hooks = new URL('../../../../tools/swc-hooks.mjs', import.meta.url).href;

/** Starts a process that captures, from source; small batches, so that it can be killed between them. */
export function startCaptureProcess(bench: CaptureBench, maxBatchChanges = 20): ChildProcess {
  return startProgram('capture-process', bench, { CAPTURE_BATCH: String(maxBatchChanges) });
}

/** Starts a process that replays what the changelog refused, and tells of the first change that it has stored. */
export function startReplayProcess(bench: CaptureBench): ChildProcess {
  return startProgram('replay-process', bench);
}

function startProgram(
  name: string,
  { names, postgresUrl, mongodbUri }: CaptureBench,
  settings: NodeJS.ProcessEnv = {},
): ChildProcess {
  return fork(fileURLToPath(new URL(`./${name}.ts`, import.meta.url)), {
    execArgv: ['-C', '@infratraq/source', '--import', hooks],
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      POSTGRES_URL: postgresUrl,
      MONGODB_URI: mongodbUri,
      CAPTURE_SLOT: names.slot,
      ...settings,
    },
  });
}

/** Resolves when the process has sent `message` this many times; messages may come together. */
export function awaitMessage(child: ChildProcess, message: string, times = 1): Promise<void> {
  let seen = 0;
  return new Promise((resolve) => {
    child.on('message', function listen(received) {
      if (received !== message || (seen += 1) < times) return;
      child.off('message', listen);
      resolve();
    });
  });
}

/** Kills the process as a crash would, and waits for its end. */
export async function killProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
