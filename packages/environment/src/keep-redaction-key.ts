import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from './environment.js';

/** The key of redacted and masked values: REDACTION_KEY, else one that is made once and kept below DATA_DIR. */
export async function keepRedactionKey({
  DATA_DIR,
  REDACTION_KEY,
}: Pick<Environment, 'DATA_DIR' | 'REDACTION_KEY'>): Promise<string> {
  if (REDACTION_KEY !== undefined) return REDACTION_KEY;
  const path = join(DATA_DIR, 'redaction.key');
  await mkdir(DATA_DIR, { recursive: true });
  try {
    await writeFile(path, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFile(path, 'utf8');
}
