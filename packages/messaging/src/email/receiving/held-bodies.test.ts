import { expect, it } from '@jest/globals';
import { PassThrough, Readable } from 'node:stream';
import { HeldBodies } from './held-bodies.js';

it('holds no more than its budget, and takes further bodies once others are let go', async () => {
  const bodies = new HeldBodies({ bytesAtOnce: 100, bytesOfOne: 80 });
  const body = (bytes: number) => Readable.from([Buffer.alloc(bytes)]);
  const busy = { code: 'mail.busy', status: 503 };
  const slow = new PassThrough();
  const first = bodies.read(slow);
  slow.write(Buffer.alloc(60));
  await new Promise(setImmediate);
  await expect(bodies.read(body(50))).rejects.toMatchObject(busy);
  slow.end();
  expect(await first).toHaveLength(60);
  // It is still being dealt with.
  await expect(bodies.read(body(50))).rejects.toMatchObject(busy);
  bodies.release(await first);
  expect(await bodies.read(body(80))).toHaveLength(80);
  await expect(bodies.read(body(81))).rejects.toMatchObject({ status: 413 });
});
