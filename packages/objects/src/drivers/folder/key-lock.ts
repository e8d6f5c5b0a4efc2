import { InfratraqError } from '@infratraq/kernel';
import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const retryMilliseconds = 3;
const givenUpMilliseconds = 30_000;
// A holder compares and renames, which takes milliseconds; on another machine its process can't be asked for.
const staleOnOtherMachinesMilliseconds = 60_000;

/** Lets one writer at a time, of all processes, change what is stored under a key. */
export async function withKeyLock<Result>(
  folder: string,
  key: string,
  work: () => Promise<Result>,
): Promise<Result> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, createHash('sha256').update(key).digest('hex'));
  const holder = JSON.stringify({ pid: process.pid, host: hostname(), token: randomUUID() });
  const givenUpAt = performance.now() + givenUpMilliseconds;
  while (!(await take(path, holder))) {
    await breakIfAbandoned(path);
    if (performance.now() > givenUpAt)
      throw new InfratraqError('objects.unavailable', `Another writer holds ${key}; try again`, {
        status: 503,
      });
    await wait(retryMilliseconds);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string, holder: string): Promise<boolean> {
  // Linked into place whole: nobody ever reads a lock whose holder is still being written.
  const written = `${path}.${randomUUID()}`;
  await writeFile(written, holder, { flag: 'wx' });
  try {
    await link(written, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(written, { force: true });
  }
}

async function breakIfAbandoned(path: string): Promise<void> {
  const seen = await readIfThere(path);
  if (seen === undefined || !(await isAbandoned(path, seen))) return;
  const aside = `${path}.${randomUUID()}`;
  const moved = await rename(path, aside).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  if (!moved) return;
  // Another process was quicker, and the lock is a living one's: it goes back.
  if ((await readIfThere(aside)) !== seen)
    await link(aside, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  await rm(aside, { force: true });
}

async function isAbandoned(path: string, holder: string): Promise<boolean> {
  const { pid, host } = JSON.parse(holder) as { pid: number; host: string };
  if (host === hostname()) return !isAlive(pid);
  const held = await stat(path).catch(() => undefined);
  return held !== undefined && Date.now() - held.mtimeMs > staleOnOtherMachinesMilliseconds;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
