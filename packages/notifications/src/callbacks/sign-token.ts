import { createHmac, timingSafeEqual } from 'node:crypto';

/** Writes and reads tokens of one purpose: what they carry can be read by anybody and changed by nobody. */
export interface TokenSigner<Payload> {
  write(payload: Payload): string;
  /** Undefined for a token that we did not sign, or not for this purpose. */
  read(token: string): Payload | undefined;
}

/** Signs JSON with HMAC-SHA256; `purpose` keeps what else is signed with the secret from passing for a token. */
export function createTokenSigner<Payload>(secret: string, purpose: string): TokenSigner<Payload> {
  const sign = (payload: string) => createHmac('sha256', secret).update(`${purpose}.${payload}`).digest();
  return {
    write(content) {
      const payload = Buffer.from(JSON.stringify(content)).toString('base64url');
      return `${payload}.${sign(payload).toString('base64url')}`;
    },
    read(token) {
      const [payload = '', signature = ''] = token.split('.');
      const [given, expected] = [Buffer.from(signature, 'base64url'), sign(payload)];
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Payload;
    },
  };
}
