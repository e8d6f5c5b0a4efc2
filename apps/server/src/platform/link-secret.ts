import { keepSecret, type Environment } from '@infratraq/environment';
import { hkdfSync } from 'node:crypto';

/** The secret of links to files: LINK_SECRET, else derived from AUTH_SECRET, else made once and kept in DATA_DIR. */
export async function chooseLinkSecret(
  environment: Pick<Environment, 'LINK_SECRET' | 'AUTH_SECRET' | 'DATA_DIR'>,
): Promise<string> {
  const { LINK_SECRET, AUTH_SECRET, DATA_DIR } = environment;
  if (LINK_SECRET !== undefined) return LINK_SECRET;
  if (AUTH_SECRET !== undefined)
    return Buffer.from(hkdfSync('sha256', AUTH_SECRET, '', 'infratraq file links', 32)).toString('base64url');
  return keepSecret(DATA_DIR, 'link.key');
}
