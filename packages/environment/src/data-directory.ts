import { explainDiskFault, InfratraqError } from '@infratraq/kernel';
import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';

const probeBytes = 64 * 1024;
/** An embedded database that fails with less room than this has failed for want of it. */
const tightBytes = 64 * 1024 * 1024;

/**
 * Makes DATA_DIR where it is missing, and checks that files can be written there.
 *
 * @throws InfratraqError `storage.full`, `storage.not-writable`, `storage.read-only`, `storage.not-a-folder`
 */
export async function prepareDataDirectory(path: string): Promise<void> {
  await explained(path, async () => {
    await mkdir(path, { recursive: true });
    await writeWhole(join(path, `.probe-${randomUUID()}`), Buffer.alloc(probeBytes), (probe) => rm(probe));
  });
}

/** An embedded database's failure, explained by the disk where that has no room left. */
export async function explainEngineFailure(error: unknown, dataDirectory: string): Promise<unknown> {
  const explainedFault = explainDiskFault(error, dataDirectory);
  if (explainedFault !== error || error instanceof InfratraqError) return explainedFault;
  const free = await statfs(dataDirectory).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Number.POSITIVE_INFINITY,
  );
  return free >= tightBytes
    ? error
    : new InfratraqError(
        'storage.full',
        `The disk of ${dataDirectory} is full, so the embedded databases cannot start: free space on it, or choose ` +
          'another DATA_DIR',
        { status: 503, cause: error },
      );
}

/**
 * Reads a secret that is made once and kept in a file. The file appears whole or not at all, whatever happens to the
 * process and its disk.
 */
export async function keepSecret(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  return explained(path, async () => {
    await mkdir(folder, { recursive: true });
    const present = await readIfPresent(path);
    if (present) return present;
    const secret = Buffer.from(randomBytes(32).toString('base64url'));
    await writeWhole(`${path}.${randomUUID()}`, secret, (written) =>
      // An empty file is what a full disk once left; of two processes, the first is right.
      present === '' ? rename(written, path) : link(written, path).catch(acceptExisting),
    );
    return readFile(path, 'utf8');
  });
}

/** Writes a file down to the disk, hands it on, and leaves nothing of it. */
async function writeWhole(
  path: string,
  content: Buffer,
  use: (path: string) => Promise<unknown>,
): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await use(path);
  } finally {
    await rm(path, { force: true });
  }
}

async function explained<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw explainDiskFault(error, path);
  }
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function acceptExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
