import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { explainDiskFault } from '@infratraq/kernel';
import { adoptSegments } from './adopt-segments.js';
import { JournalInUseError, lockJournal, type JournalLock } from './lock-journal.js';

/** A folder that this process owns already. */
export interface ClaimedFolder extends JournalLock {
  readonly folder: string;
}

const longestClaimMilliseconds = 5_000;

/**
 * Claims a journal folder below `root` for this process, so that several processes of one machine may share the root:
 * the first that nobody owns. What processes that have died left in the others is taken over, so that it waits for none
 * of them to come back.
 *
 * @throws JournalInUseError when a process of another container or machine owns a folder below the root
 * @throws InfratraqError `storage.full`, `storage.not-writable`, … when the folder cannot be written
 */
export function claimJournalFolder(root: string): ClaimedFolder {
  makeFolder(root);
  const claiming = lockRoot(root);
  try {
    return claim(root);
  } finally {
    claiming.unlock();
  }
}

function claim(root: string): ClaimedFolder {
  const abandoned: ClaimedFolder[] = [];
  try {
    // Looked at before any is changed: a root belongs to one machine.
    for (const folder of listFolders(root)) abandoned.push(...tryLock(folder));
    const claimed = abandoned.shift() ?? claimNew(root);
    for (const { folder } of abandoned) adoptSegments(folder, claimed.folder);
    return claimed;
  } catch (error) {
    throw explainDiskFault(error, root);
  } finally {
    for (const { unlock } of abandoned) unlock();
  }
}

function claimNew(root: string): ClaimedFolder {
  for (let number = 0; ; number += 1) {
    const folder = join(root, String(number));
    makeFolder(folder);
    const [claimed] = tryLock(folder);
    if (claimed) return claimed;
  }
}

/** One process at a time claims; it takes milliseconds, and one that dies meanwhile gives the lock up. */
function lockRoot(root: string): JournalLock {
  const givenUpAt = performance.now() + longestClaimMilliseconds;
  for (;;) {
    try {
      return lockJournal(root);
    } catch (error) {
      if (!(error instanceof JournalInUseError) || performance.now() > givenUpAt) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** The folder, or nothing where another process of this machine and container owns it. */
function tryLock(folder: string): ClaimedFolder[] {
  try {
    return [{ folder, ...lockJournal(folder) }];
  } catch (error) {
    if (error instanceof JournalInUseError && !error.isElsewhere) return [];
    throw error;
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw explainDiskFault(error, folder);
  }
}

function listFolders(root: string): string[] {
  return readdirSync(root)
    .filter((name) => /^\d{1,9}$/.test(name))
    .sort((left, right) => Number(left) - Number(right))
    .map((name) => join(root, name));
}
