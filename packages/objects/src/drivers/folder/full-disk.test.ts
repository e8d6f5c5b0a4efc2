import { canMount, mountSmallDisk, type SmallDisk } from '@infratraq/engines';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { openObjects } from '../../index.js';
import { readAll } from '../../testing/read-all.js';

let disk: SmallDisk;
const small = Buffer.alloc(1_000, 'a');
const large = () => Readable.from(Array.from({ length: 40 }, () => Buffer.alloc(32 * 1_024, 'b')));

if (canMount()) {
  beforeEach(() => {
    disk = mountSmallDisk(1_024);
  });
  afterEach(() => disk.remove());

  it('a folder on a full disk says so, keeps nothing half written, and takes objects again once there is room', async () => {
    const store = await openObjects(pathToFileURL(disk.path).href);
    await store.put('kept', small);
    disk.fill(8 * 1_024);
    for (const put of [() => store.put('large', large()), () => store.put('kept', large())])
      await expect(put()).rejects.toMatchObject({
        code: 'storage.full',
        status: 503,
        retryAfterMilliseconds: 30_000,
        message: expect.not.stringContaining(disk.path),
        cause: { message: expect.stringContaining(disk.path) },
      });
    disk.free();
    disk.fill();
    await expect(store.put('small', small)).rejects.toMatchObject({ code: 'storage.full' });
    expect(await readdir(join(disk.path, 'uploads'))).toEqual([]);
    expect(await readdir(join(disk.path, 'locks'))).toEqual([]);
    expect((await store.list()).objects.map(({ key }) => key)).toEqual(['kept']);
    expect(await readAll(await store.get('kept'))).toEqual(small);
    disk.free();
    await store.put('small', small);
    await store.close();
  });

  it('a folder that cannot be made is named when the storage is opened', async () => {
    disk.setReadOnly(true);
    await expect(openObjects(pathToFileURL(join(disk.path, 'objects')).href)).rejects.toMatchObject({
      code: 'storage.read-only',
      message: expect.stringContaining(join(disk.path, 'objects')),
    });
  });
} else it('finds no disk to fill, and has said so', () => expect(canMount()).toBe(false));
