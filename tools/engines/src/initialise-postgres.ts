import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm, writeFile, chown } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EngineUnavailableError } from './engine-unavailable-error.js';
import type { PostgresPlace } from './place-postgres.js';

/**
 * Creates an empty PostgreSQL cluster, UTF-8 and independent of the machine's locale, user and password `postgres`.
 *
 * @throws EngineUnavailableError `engine.start-failed` with initdb's output.
 */
export async function initialisePostgres(place: PostgresPlace, log: (line: string) => void): Promise<void> {
  log(`Initialising PostgreSQL in ${place.folder}`);
  const passwordFile = join(tmpdir(), `infratraq-${randomUUID()}`);
  await writeFile(passwordFile, 'postgres\n', { mode: 0o600 });
  try {
    if (place.account) {
      await chown(place.folder, place.account.uid, place.account.gid);
      await chown(passwordFile, place.account.uid, place.account.gid);
    }
    await promisify(execFile)(
      join(place.binaries, 'initdb'),
      [
        `--pgdata=${place.folder}`,
        '--username=postgres',
        '--auth=password',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        // The cluster is young enough to be made again; this saves a second or more.
        '--no-sync',
      ],
      { cwd: place.folder, ...place.account },
    );
  } catch (cause) {
    const output = (cause as { stderr?: string }).stderr ?? '';
    throw new EngineUnavailableError(
      'engine.start-failed',
      `PostgreSQL can't be initialised in ${place.folder}: ${output}`,
      cause,
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
}
