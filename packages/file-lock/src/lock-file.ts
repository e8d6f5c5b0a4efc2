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

/** Writes a file of this process's own beside `path`, which `tryLink` can put there. */
export function writeDraft(path: string, text: string): string {
  const draft = `${path}.${randomUUID()}`;
  try {
    writeFileSync(draft, text, { flag: 'wx', mode: 0o600 });
    return draft;
  } catch (error) {
    // A full disk still has room for names.
    rmSync(draft, { force: true });
    throw error;
  }
}

/** How long ago a file was changed before another was; both times are the file system's, so clocks need not agree. */
export function ageBefore(later: string, modifiedMilliseconds: number): number {
  return statSync(later).mtimeMs - modifiedMilliseconds;
}

/** Writes the same once more, which renews the file's time; answers false when the lock is somebody else's by now. */
export function renewLockFile(path: string, mine: string): boolean {
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
export function takeAway(path: string, abandoned: string): void {
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readLockFile(aside)?.text !== abandoned) tryLink(aside, path);
  rmSync(aside, { force: true });
}

/** A link fails where the name is taken, and never shows half a file. */
export function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

export function readLockFile(path: string): { text: string; modifiedMilliseconds: number } | undefined {
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
