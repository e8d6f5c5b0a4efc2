import { execFile } from 'node:child_process';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory, isExecutable } from '../cache-directory.js';
import { EngineUnavailableError } from '../engine-unavailable-error.js';

/** Packages from the Python package index that a test's program imports, each as `name==version`. */
export interface PythonPackages {
  /** What their folder in the cache is called; another choice of packages wants another name. */
  readonly name: string;
  readonly packages: readonly string[];
}

/**
 * Finds a Python that has these packages in the cache folder, installing them there on first use.
 *
 * @throws EngineUnavailableError `engine.unavailable` when Python or a package can't be had.
 */
export async function providePythonPackages(
  { name, packages }: PythonPackages,
  log: (line: string) => void,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const cache = cacheDirectory(environment);
  const folder = join(cache, name);
  const python = join(folder, 'bin', 'python');
  if (await isExecutable(python)) return python;
  const building = join(cache, `building-${name}-${process.pid}`);
  const run = promisify(execFile);
  log(`Installing ${packages.join(' ')}`);
  try {
    await mkdir(cache, { recursive: true });
    await run('python3', ['-m', 'venv', building], { env: environment });
    await run(
      join(building, 'bin', 'python'),
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages],
      { env: environment },
    );
    // Moved into place whole, so that another run never meets half of it.
    await rename(building, folder);
    return python;
  } catch (cause) {
    // Another run may have been first.
    if (await isExecutable(python)) return python;
    throw new EngineUnavailableError(
      'engine.unavailable',
      `${packages.join(' ')} could not be installed: it needs python3 with venv and pip, and a package index in reach.`,
      cause,
    );
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}
