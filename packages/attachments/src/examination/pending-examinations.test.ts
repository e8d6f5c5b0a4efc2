import { describe, expect, it, beforeEach, afterEach } from '@jest/globals';
import { canMount, eventually, mountSmallDisk } from '@infratraq/engines';
import { InfratraqError } from '@infratraq/kernel';
import { openObjects, type ObjectStore } from '@infratraq/objects';
import { useModels } from '@infratraq/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { AttachmentMetadata } from '../collections/attachment-metadata.js';
import { createThumbnailMaker, openAttachments, type AttachmentScanner } from '../index.js';

const database = useModels(AttachmentMetadata);
const bridge = { entity_type: 'bridges', entity_id: '1' };
const input = { file_name: 'plan.txt', uploaded_by: 'mia' };
let folder: string;
let objects: ObjectStore;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  await database.models.of(AttachmentMetadata).deleteMany({});
  folder = await mkdtemp(join(tmpdir(), 'attachments-'));
  objects = await openObjects(pathToFileURL(folder).href);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await rm(folder, { recursive: true });
});

/** A scanner that can go away, and one file that it never takes. */
function openScanner() {
  const scanner = {
    isAway: true,
    asked: 0,
    async scan(content: Readable) {
      scanner.asked += 1;
      const chunks: Buffer[] = await content.toArray();
      if (scanner.isAway || Buffer.concat(chunks).includes('poison'))
        throw new InfratraqError('attachment.scanner-unavailable', 'It is away', { status: 503 });
      return { verdict: 'clean' as const, engine: 'test' };
    },
  };
  return scanner satisfies AttachmentScanner;
}

async function open(options: Partial<Parameters<typeof openAttachments>[0]>, store = objects) {
  const opened = await openAttachments({
    models: database.models,
    objects: store,
    // An hour between two sweeps in the server; none comes in time here.
    sweepIntervalSeconds: 3_600,
    examineIntervalSeconds: 0.05,
    ...options,
  } as Parameters<typeof openAttachments>[0]);
  closing.push(opened.close);
  return opened;
}
const countPending = () =>
  database.models.of(AttachmentMetadata).countDocuments({ 'scan.verdict': 'pending' });

describe('files that could not be scanned', () => {
  it('are scanned as soon as the scanner is back, which is asked seldom and reported once meanwhile', async () => {
    const scanner = openScanner();
    const errors: unknown[] = [];
    const { attachments } = await open({ scanner, onError: (error) => errors.push(error) });
    for (let number = 0; number < 20; number += 1) await attachments.attach(bridge, `file ${number}`, input);
    expect(await countPending()).toBe(20);
    const asked = scanner.asked;
    const told = errors.length;
    await eventually(
      () => scanner.asked,
      (count) => count >= asked + 9,
    );
    // Three at most in each round, though twenty wait; one report by all rounds together.
    expect(errors.length).toBeLessThanOrEqual(told + 1);
    scanner.isAway = false;
    await eventually(countPending, (count) => count === 0);
  });

  it('are not kept waiting by one that the scanner never takes', async () => {
    const scanner = openScanner();
    const { attachments } = await open({ scanner, onError: () => undefined });
    const texts = ['poison', ...Array.from({ length: 10 }, (_, number) => `file ${number}`)];
    for (const text of texts) await attachments.attach(bridge, text, input);
    scanner.isAway = false;
    await eventually(countPending, (count) => count === 1);
  });

  it('by a process that ended are scanned by the next at its start', async () => {
    const scanner = openScanner();
    const first = await open({ scanner, onError: () => undefined });
    await first.attachments.attach(bridge, 'left', input);
    await first.close();
    scanner.isAway = false;
    await open({ scanner });
    await eventually(countPending, (count) => count === 0);
  });
});

describe('thumbnails', () => {
  const image = () =>
    sharp({ create: { width: 600, height: 400, channels: 3, background: 'red' } })
      .png()
      .toBuffer();

  it('that could not be stored are made once they can be', async () => {
    let isFull = true;
    const flaky: ObjectStore = {
      ...objects,
      put: (key, ...rest) => {
        if (isFull && key.startsWith('thumbnails/'))
          return Promise.reject(new InfratraqError('storage.full', 'It is full', { status: 503 }));
        return objects.put(key, ...rest);
      },
    };
    const thumbnails = await createThumbnailMaker();
    const { attachments } = await open({ thumbnails, onError: () => undefined }, flaky);
    const { file_id } = await attachments.attach(bridge, await image(), { ...input, file_name: 'a.png' });
    // The file itself can be had at once.
    await attachments.downloadable({ ...bridge, file_id });
    await expect(attachments.thumbnail({ ...bridge, file_id }, 320)).rejects.toMatchObject({
      code: 'attachment.no-thumbnail',
    });
    isFull = false;
    await eventually(() => attachments.thumbnail({ ...bridge, file_id }, 320));
    const due = database.models
      .of(AttachmentMetadata)
      .countDocuments({ thumbnails_due: { $exists: true } } as never);
    expect(await due).toBe(0);
  });

  it('of an image that is damaged are not tried again', async () => {
    const thumbnails = await createThumbnailMaker();
    const { attachments } = await open({ thumbnails, onError: () => undefined });
    const damaged = (await image()).subarray(0, 200);
    const { file_id } = await attachments.attach(bridge, damaged, { ...input, file_name: 'a.png' });
    const stored = await attachments.current({ ...bridge, file_id });
    expect([stored.image, stored.thumbnails_due]).toEqual([undefined, undefined]);
  });

  it('fail with the fault of a source that breaks off, and end no process', async () => {
    const maker = await createThumbnailMaker();
    const png = await image();
    const source = new Readable({ read() {} });
    source.push(png.subarray(0, 100));
    setImmediate(() => source.destroy(new Error('The storage is away')));
    await expect(maker.preview(source)).rejects.toThrow('The storage is away');
  });
});

if (canMount())
  describe('a full disk of the object storage', () => {
    it('refuses an upload with a code of its own, and keeps nothing of it', async () => {
      const disk = mountSmallDisk(1_024);
      try {
        const store = await openObjects(pathToFileURL(disk.path).href);
        const { attachments } = await open({}, store);
        disk.fill(16 * 1_024);
        await expect(attachments.attach(bridge, Buffer.alloc(400_000, 'x'), input)).rejects.toMatchObject({
          code: 'storage.full',
          status: 503,
        });
        expect(await database.models.of(AttachmentMetadata).countDocuments({})).toBe(0);
        expect((await store.list()).objects).toEqual([]);
        disk.free();
        await attachments.attach(bridge, Buffer.alloc(400_000, 'x'), input);
      } finally {
        disk.remove();
      }
    });
  });
