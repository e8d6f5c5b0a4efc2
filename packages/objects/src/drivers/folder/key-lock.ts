import { takeLock } from '@infratraq/file-lock';
import { InfratraqError } from '@infratraq/kernel';
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const retryMilliseconds = 3;
const givenUpMilliseconds = 30_000;

/** Lets one writer at a time, of all processes, change what is stored under a key. */
export async function withKeyLock<Result>(
  folder: string,
  key: string,
  work: () => Promise<Result>,
): Promise<Result> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, createHash('sha256').update(key).digest('hex'));
  const givenUpAt = performance.now() + givenUpMilliseconds;
  let lock = takeLock(path);
  for (; !lock.taken; lock = takeLock(path)) {
    if (performance.now() > givenUpAt)
      throw new InfratraqError('objects.unavailable', `Another writer holds ${key}; try again`, {
        status: 503,
      });
    await wait(retryMilliseconds);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}
