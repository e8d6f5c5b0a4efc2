import { listensOnLoopback } from '@infratraq/environment';
import type { Defer } from '@infratraq/kernel';
import type { Platform } from '../platform.js';
import { barUsers } from './bar-users.js';
import type { Tokens } from './choose-tokens.js';
import { limitFailedLogins } from './limit-failed-logins.js';

/** Checks tokens and whether their users are admitted; makes tokens only where nothing but a developer's is at stake. */
export async function openTokens(
  { authenticate, issue }: Tokens,
  {
    environment,
    log,
    postgres,
    isEmbedded,
  }: Pick<Platform, 'environment' | 'log' | 'postgres' | 'isEmbedded'>,
  defer: Defer,
): Promise<Tokens> {
  const limited = limitFailedLogins(authenticate, { perMinute: environment.AUTH_FAILURES_PER_MINUTE });
  const admitting = await barUsers(limited, postgres, (error) => log.warn({ err: error }, 'users'), defer);
  if (!issue) return { authenticate: admitting };
  if (isEmbedded && listensOnLoopback(environment)) return { authenticate: admitting, issue };
  log.warn(
    'nobody can log in: development tokens are made only with both databases embedded; set AUTH_SECRET or AUTH_JWKS_URL',
  );
  return { authenticate: admitting };
}
