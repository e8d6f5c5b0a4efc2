import { join } from 'node:path';
import { takeLock } from '@infratraq/file-lock';
import { InfratraqError } from '@infratraq/kernel';

/** Another process writes to the journal's folder. */
export class JournalInUseError extends InfratraqError {
  constructor(folder: string, owner: string) {
    super(
      'journal.in-use',
      `The journal in ${folder} belongs to ${owner}; give every process a folder of its own`,
      { status: 503 },
    );
  }
}

/**
 * Makes this process the owner of a journal's folder, in place of one that has died. Call the answer to give it up.
 * @throws JournalInUseError
 */
export function lockJournal(folder: string): () => void {
  const lock = takeLock(join(folder, 'owner'));
  if (lock.taken) return () => lock.release();
  const { owner } = lock;
  throw new JournalInUseError(folder, owner ? `process ${owner.pid} on ${owner.host}` : 'an unknown process');
}
