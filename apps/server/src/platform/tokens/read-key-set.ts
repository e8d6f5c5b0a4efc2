import { InfratraqError } from '@infratraq/kernel';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';

const timeoutMilliseconds = 5_000;

/**
 * Finds keys in a published key set, which is read again when it is ten minutes old or lacks a key.
 *
 * @throws InfratraqError `auth.keys-unavailable` (503) when the key set cannot be read: the token may well be valid
 */
export function readKeySet(url: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url), { timeoutDuration: timeoutMilliseconds });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (cause) {
      if (isAboutToken(cause)) throw cause;
      throw new InfratraqError(
        'auth.keys-unavailable',
        'The keys that tokens are checked with cannot be read at the moment; try again',
        { status: 503, cause, retryAfterMilliseconds: 1_000 },
      );
    }
  };
}

function isAboutToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported
  );
}
