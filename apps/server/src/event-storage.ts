import { claimJournalFolder, type ClaimedFolder } from '@infratraq/ingest';
import type { Environment } from '@infratraq/environment';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the event writer keeps outside the databases. */
export interface EventStorage {
  readonly journalFolder: ClaimedFolder;
  readonly redactionKey: string;
}

/** Claims a journal below DATA_DIR and provides the key of redacted fields: REDACTION_KEY, else one made once and kept there. */
export async function openEventStorage(
  environment: Pick<Environment, 'DATA_DIR' | 'REDACTION_KEY'>,
): Promise<EventStorage> {
  const { DATA_DIR, REDACTION_KEY } = environment;
  await mkdir(DATA_DIR, { recursive: true });
  return {
    redactionKey: REDACTION_KEY ?? (await keepKey(join(DATA_DIR, 'redaction.key'))),
    journalFolder: claimJournalFolder(join(DATA_DIR, 'journal')),
  };
}

async function keepKey(path: string): Promise<string> {
  try {
    await writeFile(path, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFile(path, 'utf8');
}
