import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Finds PostgreSQL's own load generator: on the PATH, among Debian's packages, or in this product's cache.
 * @throws Error that says how to install it
 */
export function findPgbench(): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const candidates = [
    'pgbench',
    ...globSync('/usr/lib/postgresql/*/bin/pgbench'),
    join(cache, 'infratraq', 'engines', 'pgbench', 'pgbench'),
  ];
  const failures: string[] = [];
  for (const candidate of candidates) {
    try {
      execFileSync(candidate, ['--version'], { stdio: 'pipe' });
      return candidate;
    } catch (error) {
      failures.push(`${candidate}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  throw new Error(
    `pgbench was not found; install it with "sh tools/engines/bin/install-pgbench.sh" (Debian, Ubuntu) ` +
      `or put PostgreSQL's client programs on the PATH. Tried:\n${failures.join('\n')}`,
  );
}
