import { InfratraqError } from '@infratraq/kernel';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another process writes to the journal's folder. */
export class JournalInUseError extends InfratraqError {
  constructor(folder: string, owner: string) {
    super(
      'journal.in-use',
      `The journal in ${folder} belongs to process ${owner}; give every process a folder of its own`,
      { status: 503 },
    );
  }
}

/**
 * Makes this process the folder's owner, in place of one that has died; answers how to give it up.
 * @throws JournalInUseError
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'owner');
  const mine = `${process.pid} ${startOf(process.pid)} ${Math.random().toString(36).slice(2)}\n`;
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, mine, { mode: 0o600 });
  try {
    for (;;) {
      // A link, because it fails when the name is taken and never shows half a file.
      if (tryLink(draft, path)) break;
      const owner = readIfThere(path);
      if (owner === undefined) continue;
      if (isAlive(owner)) throw new JournalInUseError(folder, owner.split(' ')[0] ?? '?');
      takeAway(path, owner);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (readIfThere(path) === mine) rmSync(path, { force: true });
  };
}

/** Removes a dead owner's mark; puts back what another process has put there in the meantime. */
function takeAway(path: string, dead: string): void {
  const aside = `${path}.dead.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  if (readIfThere(aside) !== dead) tryLink(aside, path);
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

// A number is given to another process some time after its owner's death; the start time tells the two apart.
function isAlive(owner: string): boolean {
  const [pid = 0, start] = owner.trim().split(' ').map(Number);
  if (!pid) return false;
  if (pid === process.pid) return start === startOf(pid);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return now === 0 || now === start;
}

/** When a process began, in the kernel's ticks; 0 where that cannot be known. */
function startOf(pid: number): number {
  const stat = readIfThere(`/proc/${pid}/stat`);
  return Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 0);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
