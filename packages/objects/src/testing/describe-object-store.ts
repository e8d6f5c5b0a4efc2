import { eventually } from '@infratraq/engines';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import type { ObjectStore } from '../store/object-store.js';
import { describeConditions } from './describe-conditions.js';
import { describeMemory } from './describe-memory.js';
import { describeRefusals } from './describe-refusals.js';
import { forkProgram } from './fork-program.js';
import { readAll } from './read-all.js';

/** One kind of storage under test. */
export interface ObjectStoreSubject {
  readonly store: ObjectStore;
  /** Opens the same storage in another process. */
  readonly address: string;
  /** Changes one byte of an object's content behind the store's back. */
  corrupt(key: string): Promise<void>;
  /** Fetches a link as an outsider would. */
  fetchLink(url: string, init?: RequestInit): Promise<Response>;
  /** Whether the storage checks links itself; a stand-in that doesn't can't refuse one. */
  readonly checksLinks: boolean;
  /** Whether a key may also be the beginning of other keys; S3 lets it, servers over folders may not. */
  readonly keysMayNest: boolean;
  /** Goes so far forward (or back) in the clock that signs links. */
  shiftClock(seconds: number): void;
  close(): Promise<void>;
}

const megabyte = 1024 * 1024;
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

/** The suite that every kind of storage passes. */
export function describeObjectStore(name: string, open: () => Promise<ObjectStoreSubject>): void {
  describe(`object storage in ${name}`, () => {
    let subject: ObjectStoreSubject;
    let store: ObjectStore;
    beforeAll(async () => {
      subject = await open();
      store = subject.store;
    }, 180_000);
    afterAll(async () => {
      await subject.store.close();
      await subject.close();
    });

    it.each([
      ['nothing', 0],
      ['a little', 11],
      ['a part and a bit', 8 * megabyte + 1],
      ['several parts', 20 * megabyte],
    ])('gives back %s as it was stored, with its type and metadata', async (what, size) => {
      const content = randomBytes(size);
      const key = `round/${what.replaceAll(' ', '-')}`;
      const options = { contentType: 'image/png', metadata: { origin: 'survey 7' } };
      const put = await store.put(key, Readable.from(inChunks(content)), options);
      expect(put).toMatchObject({ key, sizeBytes: size, sha256: sha256(content), ...options });
      expect(await store.head(key)).toEqual({ ...put, modifiedAt: expect.any(Date) });
      const got = await store.get(key);
      expect(got.details.etag).toBe(put.etag);
      expect((await readAll(got)).equals(content)).toBe(true);
    });

    it('gives ranges, clamps their end, and refuses those behind the end', async () => {
      await store.put('ranges', '0123456789');
      const read = async (first: number, last?: number) => {
        const got = await store.get('ranges', { first, ...(last !== undefined && { last }) });
        return [(await readAll(got)).toString(), got.range];
      };
      expect(await read(2, 4)).toEqual(['234', { first: 2, last: 4 }]);
      expect(await read(7)).toEqual(['789', { first: 7, last: 9 }]);
      expect(await read(7, 100)).toEqual(['789', { first: 7, last: 9 }]);
      await expect(store.get('ranges', { first: 10 })).rejects.toMatchObject({ code: 'object.range' });
      await expect(store.get('ranges', { first: 5, last: 4 })).rejects.toMatchObject({
        code: 'object.range',
      });
    });

    it('says that an object is not there', async () => {
      expect(await store.head('nowhere')).toBeUndefined();
      await expect(store.get('nowhere')).rejects.toMatchObject({ code: 'object.not-found', status: 404 });
      await expect(store.copy('nowhere', 'there')).rejects.toMatchObject({ code: 'object.not-found' });
      await store.delete('nowhere');
    });

    it('lists by prefix, page by page, in the byte order of keys', async () => {
      const nested = subject.keysMayNest ? ['list/a/b/c'] : [];
      const keys = ['list/a-b', 'list/a/b', ...nested, 'list/a=1', 'list/aa', 'list/ab', 'list/b', 'list2/x'];
      if (subject.keysMayNest) keys.unshift('list/a');
      for (const key of [...keys].reverse()) await store.put(key, key);
      const list = async (prefix: string, limit: number) => {
        const pages: string[][] = [];
        let cursor: string | undefined;
        do {
          const page = await store.list({ prefix, limit, cursor });
          pages.push(page.objects.map(({ key }) => key));
          cursor = page.nextCursor ?? undefined;
        } while (cursor !== undefined);
        return pages;
      };
      const listed = keys.filter((key) => key.startsWith('list/'));
      expect(listed).toEqual([...listed].sort());
      const sizes = subject.keysMayNest ? [3, 3, 2] : [3, 3];
      expect((await list('list/', 3)).map((page) => page.length)).toEqual(sizes);
      expect((await list('list/', 3)).flat()).toEqual(listed);
      expect((await list('list/a/', 10)).flat()).toEqual(['list/a/b', ...nested]);
      expect((await list('list', 10)).flat()).toEqual(keys);
      expect(await list('none/', 10)).toEqual([[]]);
      const behind = await store.list({ prefix: 'list/', after: 'list/a=1' });
      expect(behind.objects.map(({ key }) => key)).toEqual(listed.filter((key) => key > 'list/a=1'));
      await expect(store.list({ after: '/' })).rejects.toMatchObject({ code: 'object.key.invalid' });
      const [first] = (await store.list({ prefix: 'list/a-', limit: 1 })).objects;
      const { key, sizeBytes, etag } = (await store.head('list/a-b'))!;
      expect(first).toEqual({ key, sizeBytes, etag, modifiedAt: expect.any(Date) });
      await expect(store.list({ cursor: '!!' })).rejects.toMatchObject({ code: 'cursor.invalid' });
    });

    it('lists every object also while uploads are under way that nobody sees yet', async () => {
      const before = (await store.list()).objects.length;
      for (let object = 0; object < 4; object += 1) await store.put(`all/${object}`, 'x');
      const giveUp = new AbortController();
      const uploads = [1, 2, 3].map((upload) => {
        const endless = new Readable({ read() {} });
        for (const chunk of inChunks(randomBytes(17 * megabyte))) endless.push(chunk);
        return expect(store.put(`under/way-${upload}`, endless, { signal: giveUp.signal })).rejects.toThrow();
      });
      await eventually(
        () => store.listUnfinished(),
        (uploads) => uploads.length >= 3,
      );
      const listed: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list({ limit: 2, cursor });
        listed.push(...page.objects.map(({ key }) => key));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      giveUp.abort();
      await Promise.all(uploads);
      expect(listed).toHaveLength(before + 4);
      expect(listed).toEqual(listed.toSorted());
    });

    it('deletes, and never lists again what was deleted', async () => {
      await store.put('gone/a', 'a');
      await store.delete('gone/a');
      await store.delete('gone/a');
      expect(await store.head('gone/a')).toBeUndefined();
      expect((await store.list({ prefix: 'gone/' })).objects).toEqual([]);
    });

    it.each([5, 9 * megabyte])('copies %d bytes with type, metadata and checksum', async (size) => {
      const content = randomBytes(size);
      const options = { contentType: 'text/csv', metadata: { rows: '3' } };
      await store.put('copy/from', content, options);
      const copied = await store.copy('copy/from', 'copy/to');
      expect(copied).toMatchObject({ key: 'copy/to', sha256: sha256(content), sizeBytes: size, ...options });
      expect((await readAll(await store.get('copy/to'))).equals(content)).toBe(true);
      await expect(store.copy('copy/from', 'copy/to', { ifAbsent: true })).rejects.toMatchObject({
        code: 'object.exists',
      });
    });

    it.each([20, 9 * megabyte])('notices that one of %d stored bytes has changed', async (size) => {
      await store.put('damaged', randomBytes(size));
      await subject.corrupt('damaged');
      const { body } = await store.get('damaged');
      let readBytes = 0;
      const reading = (async () => {
        for await (const chunk of body) readBytes += (chunk as Buffer).length;
      })();
      await expect(reading).rejects.toMatchObject({ code: 'object.corrupted' });
      // Whoever streams it on has not sent the last byte yet.
      expect(readBytes).toBeLessThan(size);
    });

    it.each([
      ['a given SHA-256', { sha256: '0'.repeat(64) }, 'object.checksum'],
      ['a given size', { sizeBytes: 10 * megabyte }, 'object.size'],
      ['a smaller size', { sizeBytes: 1 }, 'object.size'],
    ])('stores nothing when the content is not of %s', async (_what, announced, code) => {
      for (const size of [100, 9 * megabyte]) {
        await expect(
          store.put('announced', Readable.from(inChunks(randomBytes(size))), announced),
        ).rejects.toMatchObject({ code, status: 400 });
        expect(await store.head('announced')).toBeUndefined();
      }
      expect(await store.listUnfinished()).toEqual([]);
    });

    it('takes large content whose SHA-256 is given', async () => {
      const content = randomBytes(17 * megabyte);
      const put = await store.put('given', Readable.from(inChunks(content)), { sha256: sha256(content) });
      expect(put).toMatchObject({ sha256: sha256(content), sizeBytes: content.length });
      expect((await readAll(await store.get('given'))).equals(content)).toBe(true);
    });

    it('leaves nothing of an upload whose source fails', async () => {
      await store.put('failing', 'before');
      for (const announced of [{}, { sha256: 'a'.repeat(64) }]) {
        const broken = async function* () {
          yield* inChunks(randomBytes(17 * megabyte));
          throw new RangeError('The source broke');
        };
        await expect(store.put('failing', broken(), announced)).rejects.toThrow(
          new RangeError('The source broke'),
        );
      }
      expect((await readAll(await store.get('failing'))).toString()).toBe('before');
      expect(await store.listUnfinished()).toEqual([]);
    });

    it('leaves nothing of an upload that is given up, and shows it until then', async () => {
      const giveUp = new AbortController();
      const endless = new Readable({ read() {} });
      for (const chunk of inChunks(randomBytes(17 * megabyte))) endless.push(chunk);
      const upload = store.put('endless', endless, { signal: giveUp.signal });
      const outcome = expect(upload).rejects.toMatchObject({ code: 'object.aborted' });
      await eventually(
        () => store.listUnfinished(),
        (uploads) => uploads.length > 0,
      );
      expect(await store.head('endless')).toBeUndefined();
      expect((await store.list({ prefix: 'endless' })).objects).toEqual([]);
      giveUp.abort();
      await outcome;
      expect(await store.head('endless')).toBeUndefined();
      expect(await store.listUnfinished()).toEqual([]);
    });

    it('shows nothing of an upload whose process was killed, and sweeps what is left', async () => {
      const child = forkProgram('upload-forever.mjs', subject.address);
      await eventually(
        () => store.listUnfinished(),
        (uploads) => uploads.length > 0,
      );
      child.kill('SIGKILL');
      await once(child, 'exit');
      expect(await store.head('killed')).toBeUndefined();
      expect((await store.list({ prefix: 'killed' })).objects).toEqual([]);
      expect(await store.listUnfinished()).toHaveLength(1);
      expect(await store.sweepUnfinished({ startedBefore: new Date(0) })).toBe(0);
      expect(await store.sweepUnfinished({ startedBefore: new Date(Date.now() + 2_000) })).toBe(1);
      expect(await store.listUnfinished()).toEqual([]);
    });

    it('makes links that serve the object to anybody, with the disposition asked for', async () => {
      await store.put('linked', 'linked content', { contentType: 'text/plain' });
      const disposition = 'attachment; filename="plan.txt"';
      const answer = await subject.fetchLink(
        await store.link('linked', { expiresInSeconds: 60, disposition }),
      );
      expect([answer.status, await answer.text()]).toEqual([200, 'linked content']);
      if (subject.checksLinks) expect(answer.headers.get('content-disposition')).toBe(disposition);
      await expect(store.link('linked', { expiresInSeconds: 8 * 86_400 })).rejects.toMatchObject({
        code: 'object.link.invalid',
      });
    });

    it('says in each link when it expires, and refuses it from then on', async () => {
      await store.put('expiring', 'x');
      subject.shiftClock(-120);
      const url = await store.link('expiring', { expiresInSeconds: 60 });
      subject.shiftClock(0);
      if (subject.checksLinks) {
        expect((await subject.fetchLink(url)).status).toBe(403);
        const living = await store.link('expiring', { expiresInSeconds: 60 });
        expect((await subject.fetchLink(forgeKey(living, 'expiring', 'linked'))).status).toBe(403);
      } else expect(url).toContain('Expires=60');
    });

    describeMemory(() => subject.store);
    describeConditions(() => subject.store);
    describeRefusals(() => subject.store);
  });
}

/** Puts another key into a link, under the signature that it has. */
function forgeKey(link: string, from: string, to: string): string {
  const url = new URL(link);
  const [payload = '', signature] = (url.searchParams.get('token') ?? '').split('.');
  const forged = Buffer.from(payload, 'base64url').toString().replace(from, to);
  url.searchParams.set('token', `${Buffer.from(forged).toString('base64url')}.${signature}`);
  return url.href;
}

function* inChunks(content: Buffer, size = 300_001): Generator<Buffer> {
  for (let start = 0; start < content.length; start += size) yield content.subarray(start, start + size);
}
