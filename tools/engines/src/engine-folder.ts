import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EngineUnavailableError } from './engine-unavailable-error.js';

// An orphan is ended by its watcher, by force after 10 seconds; an engine whose owner lives is meant to run.
const WAIT_FOR_ORPHAN_MILLISECONDS = 15_000;
const WAIT_FOR_OWNED_MILLISECONDS = 1000;

/** Reads a small file, or answers undefined when it isn't there. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * What a process was started with; empty while it is ending, undefined once it has, collected or not.
 */
export async function readCommandLine(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') {
    try {
      const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
      if (command) return command;
      // Its memory goes first, its file locks and ports after that; a zombie has let go of all.
      return /^\d+ \(.*\) [ZX]/s.test(await readFile(`/proc/${pid}/stat`, 'utf8')) ? undefined : '';
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
 * @throws EngineUnavailableError `engine.in-use` when another run uses the folder.
 */
export async function claimEngineFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const [pid, owner] = ((await readIfPresent(pidFile(folder))) ?? '').split(/\s+/).map(Number);
  if (!pid || !owner) return;
  const patience = (await readCommandLine(owner))
    ? WAIT_FOR_OWNED_MILLISECONDS
    : WAIT_FOR_ORPHAN_MILLISECONDS;
  const giveUpAt = Date.now() + patience;
  let command = await readCommandLine(pid);
  if (!command?.includes(folder)) return releaseEngineFolder(folder);
  while (command === '' || command?.includes(folder)) {
    if (Date.now() > giveUpAt) {
      throw new EngineUnavailableError(
        'engine.in-use',
        `Process ${pid} uses ${folder}: stop the run that it belongs to, or choose another data folder.`,
      );
    }
    await wait(50);
    command = await readCommandLine(pid);
  }
  await releaseEngineFolder(folder);
}

/** Notes which process works on the folder, and that this process owns it. */
export async function recordEngineProcess(folder: string, pid: number): Promise<void> {
  await writeFile(pidFile(folder), `${pid} ${process.pid}\n`);
}

/** Forgets the process that worked on the folder. */
export async function releaseEngineFolder(folder: string): Promise<void> {
  await rm(pidFile(folder), { force: true });
}

function pidFile(folder: string): string {
  return `${folder}.pid`;
}
