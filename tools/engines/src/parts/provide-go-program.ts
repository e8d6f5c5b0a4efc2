import { execFile } from 'node:child_process';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory, findOnPath, isExecutable } from '../cache-directory.js';
import { EngineUnavailableError } from '../engine-unavailable-error.js';

/** A program that tests talk to, built from its published Go module. */
export interface GoProgram {
  /** What the program is called on the PATH and in the cache folder. */
  readonly name: string;
  readonly module: string;
  readonly version: string;
}

/**
 * Finds a program on the PATH or in the cache folder, building it there on first use.
 *
 * @throws EngineUnavailableError `engine.unavailable` when Go or the module can't be had.
 */
export async function provideGoProgram(
  { name, module, version }: GoProgram,
  log: (line: string) => void,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const onPath = await findOnPath(name, environment);
  if (onPath) return onPath;
  const cache = cacheDirectory(environment);
  const program = join(cache, `${name}-${version}`);
  if (await isExecutable(program)) return program;
  const folder = join(cache, `building-${name}-${process.pid}`);
  log(`Building ${name} ${version}`);
  try {
    await mkdir(folder, { recursive: true });
    await promisify(execFile)('go', ['install', `${module}@${version}`], {
      env: { ...environment, GOBIN: folder, GOFLAGS: '' },
    });
    // Moved into place whole, so that another run never starts half a program.
    await rename(join(folder, programOf(module)), program);
    return program;
  } catch (cause) {
    throw new EngineUnavailableError(
      'engine.unavailable',
      `${name} could not be built: it needs Go and a module proxy in reach, or ${name} on the PATH.`,
      cause,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `go install` calls the program after the last part of its path that is no major version. */
function programOf(module: string): string {
  const parts = module.split('/').filter((part) => !/^v\d+$/.test(part));
  return parts.at(-1) as string;
}
