import { InfratraqError } from '@infratraq/kernel';
import { UnauthenticatedError, type Authenticate } from '@infratraq/transport';
import { errors } from 'jose';
import { createHash } from 'node:crypto';

const windowMilliseconds = 60_000;
const addressesRemembered = 10_000;
const tokensRemembered = 10_000;

/**
 * Refuses the tokens of an address that has sent too many invalid ones, until the minute is over. Tokens that were
 * accepted before pass still: people behind one address do not lock each other out. An expired token is no attempt.
 */
export function limitFailedLogins(
  authenticate: Authenticate,
  { perMinute, now = Date.now }: { readonly perMinute: number; readonly now?: () => number },
): Authenticate {
  const failures = new Map<string, { count: number; readonly until: number }>();
  const accepted = new Map<string, true>();

  return async (token, address = '') => {
    const failed = failures.get(address);
    const left = (failed?.until ?? 0) - now();
    const digest = createHash('sha256').update(token).digest('base64');
    if (failed && left > 0 && failed.count >= perMinute && !accepted.has(digest))
      throw new InfratraqError(
        'auth.too-many-failures',
        'Too many invalid tokens came from this address; try again in a minute',
        { status: 429, retryAfterMilliseconds: left },
      );
    try {
      const admission = await authenticate(token, address);
      remember(accepted, digest, true, tokensRemembered);
      return admission;
    } catch (error) {
      if (isAttempt(error)) {
        if (failed && left > 0) failed.count += 1;
        else
          remember(failures, address, { count: 1, until: now() + windowMilliseconds }, addressesRemembered);
      }
      throw error;
    }
  };
}

function isAttempt(error: unknown): boolean {
  return error instanceof UnauthenticatedError && !(error.cause instanceof errors.JWTExpired);
}

/** Puts an entry at the end, and drops the oldest of too many. */
function remember<Value>(entries: Map<string, Value>, key: string, value: Value, most: number): void {
  entries.delete(key);
  entries.set(key, value);
  const [oldest] = entries.keys();
  if (entries.size > most && oldest !== undefined) entries.delete(oldest);
}
