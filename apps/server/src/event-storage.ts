import { claimJournalFolder, type ClaimedFolder } from '@infratraq/ingest';
import { keepRedactionKey, type Environment } from '@infratraq/environment';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What the event writer keeps outside the databases. */
export interface EventStorage {
  readonly journalFolder: ClaimedFolder;
  readonly redactionKey: string;
}

/** Claims a journal below DATA_DIR and provides the key of redacted fields. */
export async function openEventStorage(
  environment: Pick<Environment, 'DATA_DIR' | 'REDACTION_KEY'>,
): Promise<EventStorage> {
  await mkdir(environment.DATA_DIR, { recursive: true });
  return {
    redactionKey: await keepRedactionKey(environment),
    journalFolder: claimJournalFolder(join(environment.DATA_DIR, 'journal')),
  };
}
