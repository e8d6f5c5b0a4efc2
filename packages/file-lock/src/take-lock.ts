import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { describeOwner, isAlive, parseOwner, type LockOwner } from './lock-owner.js';

/** A lock that was taken, or who has it; an unreadable lock file names nobody. */
export type LockAttempt =
  | { readonly taken: true; release(): void }
  | { readonly taken: false; readonly owner: LockOwner | undefined };

const renewMilliseconds = 10_000;
/** A lock of another machine or container that was not renewed for so long is abandoned. */
const abandonedMilliseconds = 60_000;

/**
 * Takes the lock file at `path`, of which at most one process has each at a time. The lock of a process that has died
 * is taken over: at once on the same machine, and after a minute without renewal from any other.
 *
 * @example
 * const lock = takeLock('/var/lib/app/owner');
 * if (!lock.taken) throw new Error(`Process ${lock.owner?.pid} on ${lock.owner?.host} works here`);
 */
export function takeLock(path: string): LockAttempt {
  const mine = JSON.stringify(describeOwner());
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, mine, { flag: 'wx', mode: 0o600 });
  try {
    for (;;) {
      // A link fails where the name is taken, and never shows half a file.
      if (tryLink(draft, path)) return hold(path, mine);
      const found = readLock(path);
      if (found === undefined) continue;
      const owner = parseOwner(found.text);
      // Both times are the file system's, so that clocks of machines need not agree.
      const age = statSync(draft).mtimeMs - found.modifiedMilliseconds;
      if ((owner && isAlive(owner)) ?? age <= abandonedMilliseconds) return { taken: false, owner };
      takeAway(path, found.text);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function hold(path: string, mine: string): LockAttempt {
  const renewing = setInterval(() => {
    if (!renew(path, mine)) clearInterval(renewing);
  }, renewMilliseconds).unref();
  return {
    taken: true,
    release() {
      clearInterval(renewing);
      if (readLock(path)?.text === mine) rmSync(path, { force: true });
    },
  };
}

/** Writes the same once more, which renews the file's time; answers false when the lock is somebody else's by now. */
function renew(path: string, mine: string): boolean {
  try {
    const file = openSync(path, 'r+');
    try {
      if (readFileSync(file, 'utf8') !== mine) return false;
      writeSync(file, mine, 0);
      return true;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    // A disk that fails for a moment is asked again at the next turn.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

/** Removes an abandoned lock, and puts back the one that another process has put there in the meantime. */
function takeAway(path: string, abandoned: string): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readLock(aside)?.text !== abandoned) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readLock(path: string): { text: string; modifiedMilliseconds: number } | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return { text: readFileSync(file, 'utf8'), modifiedMilliseconds: fstatSync(file).mtimeMs };
  } finally {
    closeSync(file);
  }
}
