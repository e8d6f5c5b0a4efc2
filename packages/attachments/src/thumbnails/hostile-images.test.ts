import { createConfinedJobs } from '@infratraq/confined-jobs';
import { afterAll, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { createThumbnailMaker } from './make-thumbnails.js';

const jobs = createConfinedJobs({ memoryBytes: 160 * 1024 * 1024 });
afterAll(() => jobs.close());

const image = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: 'red' } });
const jpeg = await image(64, 64).jpeg().toBuffer();
const avif = await image(64, 64).avif().toBuffer();
const honest = await image(640, 480).png().toBuffer();

function chunk(type: string, content: Buffer): Buffer {
  const framed = Buffer.concat([Buffer.alloc(4), Buffer.from(type), content, Buffer.alloc(4)]);
  framed.writeUInt32BE(content.length);
  framed.writeUInt32BE(crc32(framed.subarray(4, -4)), framed.length - 4);
  return framed;
}

/** A PNG whose content is so many zeros, of four channels of 16 bits. */
function png(width: number, height: number, isInterlaced: boolean, bytes: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([16, 6, 0, 0, isInterlaced ? 1 : 0], 8);
  const content = deflateSync(Buffer.alloc(bytes), { level: 9 });
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', content),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Writes another size over that of an image. */
function lie(content: Buffer, mark: string, at: number, size: string): Buffer {
  const made = Buffer.from(content);
  Buffer.from(size, 'hex').copy(made, made.indexOf(Buffer.from(mark, 'hex')) + at);
  return made;
}

const frame = Buffer.from('21f90400010000002c0000000001000100000202440100', 'hex');
const gif = (frames: number) =>
  Buffer.concat([
    Buffer.from('474946383961ffffffff800000000000ffffff', 'hex'),
    ...Array.from({ length: frames }, () => frame),
    Buffer.from(';'),
  ]);

it.each([
  ['25 megapixels of 8 bytes, interlaced', () => png(5_000, 5_000, true, 200_050_000), /confined\.memory/],
  ['256 megapixels', () => png(16_000, 16_000, false, 1_000), /image-too-large/],
  ['one endless row', () => png(2_000_000_000, 1, false, 1_000), /too-large|unreadable/],
  ['a truncated PNG', () => honest.subarray(0, honest.length / 2), /unreadable/],
  ['a JPEG that says it is larger', () => lie(jpeg, 'ffc0', 5, 'ffdcffdc'), /too-large|unreadable/],
  [
    'an AVIF that says it is larger',
    () => lie(avif, '69737065', 8, '0000ea600000ea60'),
    /too-large|unreadable/,
  ],
  ['a truncated AVIF', () => avif.subarray(0, avif.length - 50), /unreadable/],
  ['a TIFF of itself', () => Buffer.from('49492a00080000000000080000000000', 'hex'), /unreadable/],
  ['nothing', () => Buffer.alloc(0), /unreadable/],
  ['33 MiB', () => Buffer.alloc(33 * 1024 * 1024), /confined\.input-too-large/],
])('%s costs its reader at most its process, and the next image is read', async (_name, make, code) => {
  const { preview } = await createThumbnailMaker(jobs);
  await expect(preview(Readable.from([make()]))).rejects.toMatchObject({
    status: 422,
    code: expect.stringMatching(code),
  });
  expect(await preview(Readable.from([honest]))).toMatchObject({ width: 640, height: 480 });
});

it.each([1, 10_000])(
  'a GIF of %d frames on a canvas of 4,294 megapixels is shown by its first frame',
  async (frames) => {
    const { preview } = await createThumbnailMaker(jobs);
    expect(await preview(Readable.from([gif(frames)]))).toMatchObject({ width: 1, height: 1 });
  },
);
