import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { adoptSegments } from './adopt-segments.js';
import { JournalInUseError, lockJournal } from './lock-journal.js';

/** A folder that this process owns already. */
export interface ClaimedFolder {
  readonly folder: string;
  readonly unlock: () => void;
}

/**
 * Claims a journal folder below `root` for this process, so that several may share the root: the first that nobody
 * owns. What processes that have died left in the others is taken over, so that it waits for none of them to come back.
 */
export function claimJournalFolder(root: string): ClaimedFolder {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const claimed = claimFirst(root);
  for (const name of listNumbers(root)) {
    const other = join(root, name);
    const unlock = other === claimed.folder ? undefined : tryLock(other);
    if (!unlock) continue;
    adoptSegments(other, claimed.folder);
    unlock();
  }
  return claimed;
}

function claimFirst(root: string): ClaimedFolder {
  for (let number = 0; ; number += 1) {
    const folder = join(root, String(number));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const unlock = tryLock(folder);
    if (unlock) return { folder, unlock };
  }
}

function tryLock(folder: string): (() => void) | undefined {
  try {
    return lockJournal(folder);
  } catch (error) {
    if (error instanceof JournalInUseError) return undefined;
    throw error;
  }
}

function listNumbers(root: string): string[] {
  return readdirSync(root)
    .filter((name) => /^\d{1,9}$/.test(name))
    .sort((left, right) => Number(left) - Number(right));
}
