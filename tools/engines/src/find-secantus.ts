import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory, findOnPath, isExecutable } from './cache-directory.js';
import { EngineUnavailableError } from './engine-unavailable-error.js';

const RUST_VERSION = '0.5.3-beta.196';
const PYTHON_VERSION = '0.7.0b3';

/** Finds SecantusDB's Rust daemon on the PATH or in the cache folder, where `bin/install-secantus.sh` puts it. */
export async function findRustDaemon(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const onPath = await findOnPath('secantusd-rs', environment);
  if (onPath) return onPath;
  const cached = join(cacheDirectory(environment), `secantus-mdb-${RUST_VERSION}`, 'bin', 'secantusd-rs');
  return (await isExecutable(cached)) ? cached : undefined;
}

/**
 * Finds SecantusDB's Python daemon in the cache folder, installing it there on first use.
 *
 * @throws EngineUnavailableError `engine.unavailable` when Python or the package can't be had.
 */
export async function providePythonDaemon(
  environment: NodeJS.ProcessEnv,
  log: (line: string) => void,
): Promise<string> {
  const folder = join(cacheDirectory(environment), `secantusdb-${PYTHON_VERSION}`);
  const daemon = join(folder, 'bin', 'secantusd-py');
  if (await isExecutable(daemon)) return daemon;
  log(`Installing SecantusDB ${PYTHON_VERSION} into ${folder}`);
  const run = promisify(execFile);
  try {
    await mkdir(cacheDirectory(environment), { recursive: true });
    await run('python3', ['-m', 'venv', folder], { env: environment });
    await run(
      join(folder, 'bin', 'pip'),
      ['install', '--quiet', '--disable-pip-version-check', '--pre', `SecantusDB==${PYTHON_VERSION}`],
      { env: environment },
    );
    return daemon;
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw new EngineUnavailableError(
      'engine.unavailable',
      'SecantusDB could not be installed: it needs python3 with venv and pip, and a package index in reach.',
      cause,
    );
  }
}
