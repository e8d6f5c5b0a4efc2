import { createHmac } from 'node:crypto';

const remembered = 4_096;
const longestRemembered = 256;

/**
 * Makes the keyed digest of texts: `hmac:` and 43 characters. Equal texts have equal digests under the same key, and
 * nobody without the key can try out which text a digest is of.
 */
export function createKeyedHash(key: string | Uint8Array): (text: string) => string {
  // Addresses and devices come again and again, and a digest costs as much as casting the rest of an event.
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const digest = `hmac:${createHmac('sha256', key).update(text).digest('base64url')}`;
    if (known.size >= remembered) known.clear();
    if (text.length <= longestRemembered) known.set(text, digest);
    return digest;
  };
}
