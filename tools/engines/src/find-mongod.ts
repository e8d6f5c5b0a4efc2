import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheDirectory, findOnPath } from './cache-directory.js';
import { readIfPresent } from './engine-folder.js';
import { EngineUnavailableError } from './engine-unavailable-error.js';

const RETRY_DOWNLOAD_AFTER_MILLISECONDS = 24 * 60 * 60 * 1000;

/** Finds `mongod` on the PATH or where mongodb-memory-server keeps what it downloaded. */
export async function findMongod(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const onPath = await findOnPath('mongod', environment);
  if (onPath) return onPath;
  // Loaded late: it reads its configuration from package.json files and the environment as it loads.
  const { DryMongoBinary } = await import('mongodb-memory-server-core');
  return DryMongoBinary.locateBinary(DryMongoBinary.getEnsuredOptions());
}

/** Whether a download of `mongod` failed within the last day, so that trying again would only cost time. */
export async function hasDownloadFailedLately(environment: NodeJS.ProcessEnv): Promise<boolean> {
  const failedAt = Date.parse((await readIfPresent(failureFile(environment)))?.trim() ?? '');
  return Date.now() - failedAt < RETRY_DOWNLOAD_AFTER_MILLISECONDS;
}

/**
 * Downloads `mongod` through mongodb-memory-server, once; remembers a failure for a day.
 *
 * @throws EngineUnavailableError `engine.unavailable` when the download fails.
 */
export async function downloadMongod(environment: NodeJS.ProcessEnv): Promise<string> {
  const { DryMongoBinary, MongoBinary } = await import('mongodb-memory-server-core');
  try {
    const path = await MongoBinary.getPath(await DryMongoBinary.generateOptions());
    await rm(failureFile(environment), { force: true });
    return path;
  } catch (cause) {
    await mkdir(dirname(failureFile(environment)), { recursive: true });
    await writeFile(failureFile(environment), `${new Date().toISOString()}\n`);
    throw new EngineUnavailableError('engine.unavailable', 'mongod could not be downloaded.', cause);
  }
}

function failureFile(environment: NodeJS.ProcessEnv): string {
  return join(cacheDirectory(environment), 'mongod-download-failed-at');
}
