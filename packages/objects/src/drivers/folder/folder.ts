import { explainDiskFault, InfratraqError } from '@infratraq/kernel';
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { folderFault, objectChanged, objectExists } from '../../store/errors.js';
import { signLink, type LinkSigning } from '../../serving/folder-links.js';
import type { ObjectDriver } from '../object-driver.js';
import type { ObjectHead } from '../../store/object-store.js';
import { openObjectFile, writeObjectFile } from './object-file.js';
import { pathOfKey, walkKeys } from './walk-keys.js';
import { withKeyLock } from './key-lock.js';

/** How to reach a folder of this machine. */
export interface FolderOptions {
  /** Absolute path; made when missing. */
  readonly path: string;
  /** Without it there are no links. */
  readonly links?: LinkSigning;
}

/**
 * Objects as files of one folder, for one machine. A file appears whole, by a rename after it has reached the disk.
 * The folder holds `objects`, `uploads` (unfinished) and `locks`.
 */
export async function createFolderDriver({ path, links }: FolderOptions): Promise<ObjectDriver> {
  const objects = join(path, 'objects');
  const uploads = join(path, 'uploads');
  const locks = join(path, 'locks');
  try {
    await mkdir(objects, { recursive: true });
    await mkdir(uploads, { recursive: true });
  } catch (error) {
    throw explainDiskFault(error, path);
  }
  const fileOf = (key: string) => join(objects, pathOfKey(key));

  async function head(key: string) {
    const opened = await openObjectFile(fileOf(key), key);
    await opened?.file.close();
    return opened?.details;
  }

  async function place(written: string, file: string): Promise<void> {
    for (;;) {
      await mkdir(dirname(file), { recursive: true });
      try {
        await rename(written, file);
        break;
      } catch (error) {
        // The folder was removed with its last object in between.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        await stat(written);
      }
    }
    await syncFolder(dirname(file));
  }

  return {
    kind: 'folder',
    wholeBytes: 64 * 1024,
    head,

    async write(key, body, attributes, { ifAbsent, ifMatch }) {
      const written = join(uploads, randomUUID());
      try {
        const details = await writeObjectFile(written, key, body, attributes);
        return await withKeyLock(locks, key, async () => {
          if (ifAbsent || ifMatch !== undefined) {
            const present = await head(key);
            if (ifAbsent && present) throw objectExists(key);
            if (ifMatch !== undefined && present?.etag !== ifMatch) throw objectChanged(key);
          }
          await place(written, fileOf(key));
          return details;
        });
      } catch (error) {
        await rm(written, { force: true });
        throw folderFault(error, path);
      }
    },

    async read({ key, etag, sizeBytes }, range) {
      const opened = await openObjectFile(fileOf(key), key);
      if (opened?.details.etag !== etag) {
        await opened?.file.close();
        throw objectChanged(key);
      }
      if (sizeBytes === 0) {
        await opened.file.close();
        return Readable.from([]);
      }
      const { first, last } = range ?? { first: 0, last: sizeBytes - 1 };
      return opened.file.createReadStream({ start: first, end: last });
    },

    async list(prefix, after, limit) {
      const found: ObjectHead[] = [];
      for await (const key of walkKeys(objects, prefix, after)) {
        const details = await head(key);
        if (!details) continue;
        const { sizeBytes, etag, modifiedAt } = details;
        found.push({ key, sizeBytes, etag, modifiedAt });
        if (found.length === limit) break;
      }
      return found;
    },

    async delete(key) {
      try {
        await withKeyLock(locks, key, () => rm(fileOf(key), { force: true }));
      } catch (error) {
        throw folderFault(error, path);
      }
      await removeEmptyFolders(objects, dirname(fileOf(key)));
    },

    async link(key, expiresInSeconds, disposition) {
      if (!links)
        throw new InfratraqError(
          'objects.links-off',
          'Open the folder with `links` (an address and a secret) to make links to its objects',
        );
      return signLink(links, { key, disposition }, expiresInSeconds);
    },

    async listUnfinished() {
      const found = (await readdir(uploads)).map(async (id) => {
        const file = await stat(join(uploads, id)).catch(() => undefined);
        return file && { id, startedAt: file.birthtime };
      });
      return (await Promise.all(found)).filter((upload) => upload !== undefined);
    },

    discardUnfinished: ({ id }) => rm(join(uploads, id), { force: true }),

    close: async () => undefined,
  };
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function removeEmptyFolders(root: string, folder: string): Promise<void> {
  for (let path = folder; path !== root; path = dirname(path)) {
    const isGone = await rmdir(path).then(
      () => true,
      // Somebody else's objects are in there, or it was removed already.
      () => false,
    );
    if (!isGone) return;
  }
}
