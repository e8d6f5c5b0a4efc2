import type { Environment } from '@infratraq/environment';
import { hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The secret of links to files: LINK_SECRET, else derived from AUTH_SECRET, else made once and kept in DATA_DIR. */
export async function chooseLinkSecret(
  environment: Pick<Environment, 'LINK_SECRET' | 'AUTH_SECRET' | 'DATA_DIR'>,
): Promise<string> {
  const { LINK_SECRET, AUTH_SECRET, DATA_DIR } = environment;
  if (LINK_SECRET !== undefined) return LINK_SECRET;
  if (AUTH_SECRET !== undefined)
    return Buffer.from(hkdfSync('sha256', AUTH_SECRET, '', 'infratraq file links', 32)).toString('base64url');
  await mkdir(DATA_DIR, { recursive: true });
  const path = join(DATA_DIR, 'link.key');
  try {
    await writeFile(path, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFile(path, 'utf8');
}
