import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EngineUnavailableError } from './engine-unavailable-error.js';

const WAIT_FOR_PREVIOUS_MILLISECONDS = 25_000;

/** Reads a small file, or answers undefined when it isn't there. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** What a process was started with, or undefined when there is no such process. */
async function readCommandLine(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    try {
      return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim() || undefined;
    } catch (error) {
      if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
      throw error;
    }
  }
  return promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim() || undefined,
    () => undefined,
  );
}

/**
 * Makes an engine's data folder ready: waits until the engine of an earlier run that was killed has gone.
 *
 * A pid that was reused by an unrelated program is recognised by its command line, which lacks the folder.
 *
 * @throws EngineUnavailableError `engine.in-use` when another run still uses the folder after 25 seconds.
 */
export async function claimEngineFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const pid = Number(await readIfPresent(pidFile(folder)));
  if (!pid) return;
  const giveUpAt = Date.now() + WAIT_FOR_PREVIOUS_MILLISECONDS;
  while ((await readCommandLine(pid))?.includes(folder)) {
    if (Date.now() > giveUpAt) {
      throw new EngineUnavailableError(
        'engine.in-use',
        `Process ${pid} uses ${folder}: stop the run that it belongs to, or choose another data folder.`,
      );
    }
    await wait(100);
  }
  await releaseEngineFolder(folder);
}

/** Notes which process works on the folder. */
export async function recordEngineProcess(folder: string, pid: number): Promise<void> {
  await writeFile(pidFile(folder), `${pid}\n`);
}

/** Forgets the process that worked on the folder. */
export async function releaseEngineFolder(folder: string): Promise<void> {
  await rm(pidFile(folder), { force: true });
}

function pidFile(folder: string): string {
  return `${folder}.pid`;
}
