import { expect, it } from '@jest/globals';
import { PassThrough, Readable } from 'node:stream';
import { UnverifiedBodies } from './unverified-bodies.js';

it('holds no more of unverified bodies than its budget, and takes further ones once there is room', async () => {
  const bodies = new UnverifiedBodies({ bytesAtOnce: 100, bytesOfOne: 80 });
  const slow = new PassThrough();
  const first = bodies.read(slow);
  slow.write(Buffer.alloc(60));
  await new Promise(setImmediate);
  await expect(bodies.read(Readable.from([Buffer.alloc(50)]))).rejects.toMatchObject({
    code: 'mail.busy',
    status: 503,
  });
  expect(await bodies.readTrusted(Readable.from([Buffer.alloc(50)]))).toHaveLength(50);
  slow.end();
  expect(await first).toHaveLength(60);
  expect(await bodies.read(Readable.from([Buffer.alloc(80)]))).toHaveLength(80);
  await expect(bodies.read(Readable.from([Buffer.alloc(81)]))).rejects.toMatchObject({ status: 413 });
});
