import { listensOnLoopback, type Environment } from '@infratraq/environment';
import { DefinitionError, roles, type Role } from '@infratraq/kernel';
import { UnauthenticatedError, type Authenticate } from '@infratraq/transport';
import { jwtVerify, SignJWT, type JWTVerifyGetKey, type JWTVerifyOptions } from 'jose';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { followExpiry } from './follow-expiry.js';
import { readKeySet } from './read-key-set.js';

/** Checks bearer tokens, and makes them where this server may. */
export interface Tokens {
  readonly authenticate: Authenticate;
  /** Makes a token for anybody who asks. Present only on loopback with embedded databases and no other tokens. */
  readonly issue?: (user: string, roles: readonly Role[]) => Promise<string>;
}

const claims = z.object({
  sub: z.string().min(1).max(200),
  roles: z.array(z.enum(roles)).min(1),
  sid: z.string().max(200).optional(),
  exp: z.number(),
});

/**
 * Chooses how tokens are checked: a published key set, a shared secret, or, on loopback without either, a secret of this
 * process.
 *
 * @throws DefinitionError `definition.environment` when the server is reachable from outside without a way to check tokens
 */
export function chooseTokens(environment: Environment): Tokens {
  const { AUTH_JWKS_URL, AUTH_SECRET, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = environment;
  const expected = { ...(issuer && { issuer }), ...(audience && { audience }) };
  if (AUTH_JWKS_URL) {
    const algorithms = ['RS256', 'ES256', 'EdDSA', 'PS256'];
    return { authenticate: authenticateWith(readKeySet(AUTH_JWKS_URL), { ...expected, algorithms }) };
  }
  if (!AUTH_SECRET && !listensOnLoopback(environment))
    throw new DefinitionError(
      'environment',
      'environment',
      `HOST ${environment.HOST} can be reached from outside; set AUTH_SECRET or AUTH_JWKS_URL`,
    );
  const secret = AUTH_SECRET ? new TextEncoder().encode(AUTH_SECRET) : randomBytes(32);
  const authenticate = authenticateWith(async () => secret, { ...expected, algorithms: ['HS256'] });
  return AUTH_SECRET
    ? { authenticate }
    : { authenticate, issue: (user, granted) => sign(secret, user, granted, expected) };
}

/** Signs a token that is valid for twelve hours. */
function sign(
  secret: Uint8Array,
  user: string,
  granted: readonly Role[],
  { issuer, audience }: { readonly issuer?: string; readonly audience?: string },
): Promise<string> {
  const token = new SignJWT({ roles: granted })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(user)
    .setIssuedAt()
    .setExpirationTime('12h');
  if (issuer !== undefined) token.setIssuer(issuer);
  if (audience !== undefined) token.setAudience(audience);
  return token.sign(secret);
}

function authenticateWith(
  key: JWTVerifyGetKey | (() => Promise<Uint8Array>),
  expected: JWTVerifyOptions,
): Authenticate {
  const options = { ...expected, requiredClaims: ['exp', 'sub'] };
  return async (token) => {
    const { payload } = await jwtVerify(token, key as JWTVerifyGetKey, options).catch((error: unknown) => {
      throw isRefusal(error) ? refuse(error) : error;
    });
    const parsed = claims.safeParse(payload);
    if (!parsed.success) throw refuse(parsed.error);
    const { sub, roles: granted, sid, exp } = parsed.data;
    const onEnd = followExpiry(exp);
    return { user_id: sub, roles: granted, ...(sid && { session_id: sid }), onEnd };
  };
}

/** Whether the token is at fault: anything else is a fault of the key set, which says so itself. */
function isRefusal(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code !== 'string' || code.startsWith('ERR_');
}

function refuse(cause: unknown): UnauthenticatedError {
  return new UnauthenticatedError('The bearer token is not valid or has expired', cause);
}
