import { keepSecret } from './data-directory.js';
import type { Environment } from './environment.js';

/** The key of redacted and masked values: REDACTION_KEY, else one that is made once and kept below DATA_DIR. */
export async function keepRedactionKey({
  DATA_DIR,
  REDACTION_KEY,
}: Pick<Environment, 'DATA_DIR' | 'REDACTION_KEY'>): Promise<string> {
  return REDACTION_KEY ?? keepSecret(DATA_DIR, 'redaction.key');
}
