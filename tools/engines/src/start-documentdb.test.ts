import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startDocumentdb } from './index.js';

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'infratraq-documentdb-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('says how to install DocumentDB where it is missing', async () => {
  await withFolder(async (folder) => {
    await expect(
      startDocumentdb({ dataDirectory: folder, environment: { XDG_CACHE_HOME: folder } }),
    ).rejects.toMatchObject({
      code: 'engine.unavailable',
      message: expect.stringContaining('install-documentdb.sh'),
    });
  });
});
