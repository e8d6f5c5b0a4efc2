import { explainDiskFault } from '@infratraq/kernel';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a running server and its databases answer. */
export interface ServerAddresses {
  readonly url: string;
  readonly mongodbUri: string;
  readonly postgresUrl: string;
}

/** The file in DATA_DIR that tells other programs of the same machine where the server runs. */
const addressesFile = 'server.json';

/** Writes the addresses to DATA_DIR, readable by this user only, and answers how to take them back. */
export async function announceServer(
  dataDirectory: string,
  addresses: ServerAddresses,
): Promise<() => Promise<void>> {
  const path = join(dataDirectory, addressesFile);
  const text = JSON.stringify({ ...addresses, pid: process.pid }, null, 2);
  try {
    await mkdir(dataDirectory, { recursive: true });
    await writeFile(`${path}.new`, `${text}\n`, { mode: 0o600 });
    await rename(`${path}.new`, path);
  } catch (error) {
    await rm(`${path}.new`, { force: true });
    throw explainDiskFault(error, path);
  }
  return () => rm(path, { force: true });
}

/** The addresses that a running server announced in DATA_DIR, or undefined when none runs there. */
export async function findServer(dataDirectory: string): Promise<ServerAddresses | undefined> {
  const text = await readFile(join(dataDirectory, addressesFile), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    },
  );
  if (text === undefined) return undefined;
  const { pid, ...addresses } = JSON.parse(text) as ServerAddresses & { pid: number };
  return isRunning(pid) ? addresses : undefined;
}

// A killed server cannot take its announcement back.
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
