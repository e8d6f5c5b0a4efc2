import { registerTransport } from '@infratraq/transport/fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Fastify from 'fastify';
import { once } from 'node:events';
import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openObjects, type LinkSigning, type ObjectStore } from '../../index.js';
import { objectRoutes } from '../../routes.js';
import { describeObjectStore } from '../../testing/describe-object-store.js';
import { forkProgram } from '../../testing/fork-program.js';
import { readAll } from '../../testing/read-all.js';

describeObjectStore('a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'objects-'));
  let shiftedMilliseconds = 0;
  const app = Fastify();
  await app.register(registerTransport, { authenticate: () => Promise.reject(new Error('nobody signs in')) });
  const signing: { -readonly [Name in keyof LinkSigning]: LinkSigning[Name] } = {
    baseUrl: '',
    secret: 'a secret of the test, 32 bytes long',
    now: () => Date.now() + shiftedMilliseconds,
  };
  const store = await openObjects(pathToFileURL(folder).href, { links: signing });
  await app.register(objectRoutes, { objects: store, signing });
  await app.listen({ port: 0, host: '127.0.0.1' });
  signing.baseUrl = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return {
    store,
    address: pathToFileURL(folder).href,
    checksLinks: true,
    keysMayNest: true,
    fetchLink: (url, init) => fetch(url, init),
    shiftClock: (seconds) => (shiftedMilliseconds = seconds * 1000),
    async corrupt(key) {
      const file = await open(join(folder, 'objects', `${key}~`), 'r+');
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 7);
      await file.write(Buffer.from([buffer[0]! ^ 1]), 0, 1, 7);
      await file.close();
    },
    async close() {
      await app.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe('a folder of objects', () => {
  let folder: string;
  let store: ObjectStore;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'objects-'));
    store = await openObjects(pathToFileURL(folder).href);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('says that a file that was cut short is damaged', async () => {
    await store.put('cut', 'some content');
    const path = join(folder, 'objects', 'cut~');
    const file = await readFile(path);
    for (const length of [0, 5, file.length - 1]) {
      await writeFile(path, file.subarray(0, length));
      await expect(store.get('cut')).rejects.toMatchObject({ code: 'object.corrupted' });
    }
  });

  it('is written on after a process died while it held the lock of a key', async () => {
    await store.put('locked', 'before');
    const child = forkProgram('hold-lock.mjs', folder, 'locked');
    await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await readdir(join(folder, 'locks'))).toHaveLength(1);
    await store.put('locked', 'after');
    expect((await readAll(await store.get('locked'))).toString()).toBe('after');
    expect(await readdir(join(folder, 'locks'))).toEqual([]);
  });

  it('makes no links without a secret', async () => {
    await expect(store.link('x', { expiresInSeconds: 1 })).rejects.toMatchObject({
      code: 'objects.links-off',
    });
  });

  it.each(['', 'http://x/y', 's3://', 'gs:bucket', '/a/path', 'ftp://x'])(
    'is opened by no address like %j',
    async (address) => {
      await expect(openObjects(address)).rejects.toMatchObject({ code: 'objects.url.invalid' });
    },
  );
});
