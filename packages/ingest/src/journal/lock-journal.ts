import { join } from 'node:path';
import { takeLock, type LockOwner } from '@infratraq/file-lock';
import { explainDiskFault, InfratraqError } from '@infratraq/kernel';

/** A journal folder that this process owns. */
export interface JournalLock {
  /** False once a process of another machine has taken the folder over, because this one stood still for a minute. */
  readonly isHeld: () => boolean;
  readonly unlock: () => void;
}

/** Another process writes to the journal's folder. */
export class JournalInUseError extends InfratraqError {
  constructor(
    readonly folder: string,
    /** Whether that process runs on another machine or in another container. */
    readonly isElsewhere: boolean,
    owner: string,
  ) {
    super(
      'journal.in-use',
      isElsewhere
        ? `The journal in ${folder} belongs to ${owner}, in another container or on another machine: give this one a volume ` +
            'of its own (DATA_DIR or journalFolder), or stop the other and start again; a minute after a machine has ' +
            'died, its journal is free'
        : `The journal in ${folder} belongs to ${owner}; give every process a folder of its own`,
      { status: 503, retryAfterMilliseconds: 60_000 },
    );
  }
}

/**
 * Makes this process the owner of a journal's folder, in place of one that has died.
 * @throws JournalInUseError
 * @throws InfratraqError `storage.full`, `storage.not-writable`, … when the folder cannot be written
 */
export function lockJournal(folder: string): JournalLock {
  const lock = tryTakeLock(folder);
  if (lock.taken) return { isHeld: () => lock.isHeld(), unlock: () => lock.release() };
  throw new JournalInUseError(folder, lock.isElsewhere, describe(lock.owner));
}

function tryTakeLock(folder: string) {
  try {
    return takeLock(join(folder, 'owner'), { kernel: true });
  } catch (error) {
    throw explainDiskFault(error, folder);
  }
}

function describe(owner: LockOwner | undefined): string {
  return owner ? `process ${owner.pid} on ${owner.host}` : 'an unknown process';
}
