import { canMount, mountSmallDisk, type SmallDisk } from '@infratraq/engines';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { announceServer, explainEngineFailure, keepSecret, prepareDataDirectory } from './index.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'infratraq-data-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const fault = (code: string, path: string, advice: RegExp) =>
  expect.objectContaining({
    code,
    message: expect.stringMatching(new RegExp(`${path.replaceAll('/', '\\/')}.*${advice.source}`)),
    cause: expect.anything(),
  });

describe('DATA_DIR', () => {
  it('is made, and nothing of the check remains', async () => {
    const path = join(folder, 'a', 'b');
    await prepareDataDirectory(path);
    expect(readdirSync(path)).toEqual([]);
  });

  it('that is a file, or lies below one, is named with what to do', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, '');
    for (const one of [path, join(path, 'below')])
      await expect(prepareDataDirectory(one)).rejects.toEqual(
        fault('storage.not-a-folder', one, /choose another folder/),
      );
  });

  it('that is not writable is named with what to do', async () => {
    chmodSync(folder, 0o555);
    const isRoot = process.geteuid?.() === 0;
    // Root may write everywhere.
    if (isRoot) process.seteuid?.(65_534);
    try {
      await expect(prepareDataDirectory(folder)).rejects.toEqual(
        fault('storage.not-writable', folder, /permissions/),
      );
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(folder, 0o755);
    }
  });

  it('keeps a secret once, and replaces an empty one that a full disk has left', async () => {
    writeFileSync(join(folder, 'one.key'), '');
    for (const name of ['one.key', 'two.key']) {
      const [first, second] = await Promise.all([keepSecret(folder, name), keepSecret(folder, name)]);
      expect(first).toHaveLength(43);
      expect(await keepSecret(folder, name)).toBe(readFileSync(join(folder, name), 'utf8'));
      if (name === 'two.key') expect(second).toBe(first);
    }
    expect(readdirSync(folder).sort()).toEqual(['one.key', 'two.key']);
  });
});

if (canMount())
  describe('a disk', () => {
    let disk: SmallDisk;
    beforeEach(() => {
      disk = mountSmallDisk(1_024);
    });
    afterEach(() => disk.remove());

    const addresses = {
      url: 'http://127.0.0.1:1',
      mongodbUri: 'mongodb://a/b',
      postgresUrl: 'postgres://a/b',
    };

    it('that is full is named by everything that is kept there, and none of it is left half written', async () => {
      disk.fill();
      const path = join(disk.path, 'data');
      const full = (at: string) => fault('storage.full', at, /free space/);
      await expect(prepareDataDirectory(path)).rejects.toEqual(full(path));
      await expect(keepSecret(path, 'a.key')).rejects.toEqual(full(join(path, 'a.key')));
      await expect(announceServer(path, addresses)).rejects.toEqual(full(join(path, 'server.json')));
      expect(readdirSync(path)).toEqual([]);
      expect(await explainEngineFailure(new Error('initdb failed'), path)).toEqual(full(path));
      disk.free();
      await prepareDataDirectory(path);
      expect(await keepSecret(path, 'a.key')).toHaveLength(43);
    });

    it('that is read-only is named with what to do', async () => {
      disk.setReadOnly(true);
      await expect(prepareDataDirectory(join(disk.path, 'data'))).rejects.toEqual(
        fault('storage.read-only', join(disk.path, 'data'), /choose another folder/),
      );
    });
  });
