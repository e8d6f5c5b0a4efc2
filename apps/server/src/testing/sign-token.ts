import type { Role } from '@infratraq/kernel';
import { SignJWT } from 'jose';

/** The secret that tokens of tests are signed with. */
export const testSecret = 'a secret of the servers under test';

/** Signs a token as an issuer that shares the secret does. */
export function signToken(user: string, roles: readonly Role[], secret = testSecret): Promise<string> {
  return new SignJWT({ roles })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(user)
    .setIssuedAt()
    .setExpirationTime('2h')
    .sign(new TextEncoder().encode(secret));
}
