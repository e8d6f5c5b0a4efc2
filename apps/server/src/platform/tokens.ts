import { DefinitionError, roles, type Role } from '@infratraq/kernel';
import { UnauthenticatedError, type Authenticate } from '@infratraq/transport';
import { createRemoteJWKSet, jwtVerify, SignJWT, type JWTVerifyGetKey } from 'jose';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { listensOnLoopback, type Environment } from '@infratraq/environment';

/** Checks bearer tokens, and makes them where this server may. */
export interface Tokens {
  readonly authenticate: Authenticate;
  /** Present only on the embedded default on loopback: makes a token for whoever asks. */
  readonly issue?: (user: string, roles: readonly Role[]) => Promise<string>;
}

const claims = z.object({
  sub: z.string().min(1).max(200),
  roles: z.array(z.enum(roles)).min(1),
  sid: z.string().max(200).optional(),
});

/**
 * Chooses how tokens are checked: a published key set, a shared secret, or, on loopback without either,
 * a secret of this process.
 *
 * @throws DefinitionError `definition.environment` when the server is reachable from outside without a way to check tokens
 */
export function chooseTokens(environment: Environment): Tokens {
  const { AUTH_JWKS_URL, AUTH_SECRET } = environment;
  if (AUTH_JWKS_URL) {
    const keys = createRemoteJWKSet(new URL(AUTH_JWKS_URL));
    return { authenticate: authenticateWith(keys, ['RS256', 'ES256', 'EdDSA', 'PS256']) };
  }
  if (!AUTH_SECRET && !listensOnLoopback(environment))
    throw new DefinitionError(
      'environment',
      'environment',
      `HOST ${environment.HOST} can be reached from outside; set AUTH_SECRET or AUTH_JWKS_URL`,
    );
  const secret = AUTH_SECRET ? new TextEncoder().encode(AUTH_SECRET) : randomBytes(32);
  const authenticate = authenticateWith(async () => secret, ['HS256']);
  return AUTH_SECRET
    ? { authenticate }
    : { authenticate, issue: (user, granted) => sign(secret, user, granted) };
}

/** Signs a token that is valid for twelve hours. */
function sign(secret: Uint8Array, user: string, granted: readonly Role[]): Promise<string> {
  return new SignJWT({ roles: granted })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(user)
    .setIssuedAt()
    .setExpirationTime('12h')
    .sign(secret);
}

function authenticateWith(
  key: JWTVerifyGetKey | (() => Promise<Uint8Array>),
  algorithms: string[],
): Authenticate {
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, key as JWTVerifyGetKey, { algorithms });
      const { sub, roles: granted, sid } = claims.parse(payload);
      return { user_id: sub, roles: granted, ...(sid && { session_id: sid }) };
    } catch (error) {
      throw new UnauthenticatedError('The bearer token is not valid or has expired', error);
    }
  };
}
