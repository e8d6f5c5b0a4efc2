import { createHmac, timingSafeEqual } from 'node:crypto';
import { DefinitionError } from '../errors/errors.js';

/** Writes and reads tokens of one purpose: anybody can read what they carry, and nobody can change it. */
export interface TokenSigner<Payload> {
  /** `<payload>.<signature>`, both base64url: it fits into a URL as it is. */
  write(payload: Payload): string;
  /** Undefined for a token that was not signed with this secret and for this purpose. */
  read(token: string): Payload | undefined;
}

const shortestSecretBytes = 32;

/**
 * Signs JSON with HMAC-SHA256. The purpose is signed too, so that a token of one purpose is worthless for another.
 *
 * @throws DefinitionError `definition.token-secret` for a secret of less than 32 bytes
 */
export function createTokenSigner<Payload>(secret: string, purpose: string): TokenSigner<Payload> {
  if (Buffer.byteLength(secret) < shortestSecretBytes)
    throw new DefinitionError(
      purpose,
      'token-secret',
      `Sign with a secret of ${shortestSecretBytes} bytes or more`,
    );
  const sign = (payload: string) =>
    createHmac('sha256', secret).update(`${purpose}.${payload}`).digest('base64url');
  return {
    write(content) {
      const payload = Buffer.from(JSON.stringify(content)).toString('base64url');
      return `${payload}.${sign(payload)}`;
    },
    read(token) {
      const [payload = '', signature = '', ...more] = token.split('.');
      // Compared as text: base64url has several spellings of the same bytes, and only one of them was signed.
      const [given, expected] = [Buffer.from(signature), Buffer.from(sign(payload))];
      if (more.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected))
        return undefined;
      return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Payload;
    },
  };
}
