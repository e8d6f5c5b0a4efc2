import { expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ObjectStore } from '../store/object-store.js';

const megabyte = 1024 * 1024;
// Collecting everything takes long in a process that holds much besides.
const measuredEvery = 24 * megabyte;

/** However large an object is, storing and reading it holds little of it. */
export function describeMemory(open: () => ObjectStore): void {
  it('keeps memory bounded while it stores and reads much more than it holds', async () => {
    const store = open();
    const total = 192 * megabyte;
    const block = randomBytes(megabyte);
    let peakBytes = 0;
    let seenBytes = 0;
    const watched = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        const measured = Math.floor(seenBytes / measuredEvery);
        seenBytes += chunk.length;
        if (Math.floor(seenBytes / measuredEvery) > measured)
          peakBytes = Math.max(peakBytes, measureHeldBytes());
        yield chunk;
      }
    };
    const before = measureHeldBytes();
    await store.put('large', watched(repeat(block, total / block.length)));
    let readBytes = 0;
    for await (const chunk of watched((await store.get('large')).body)) readBytes += chunk.length;
    expect(readBytes).toBe(total);
    expect(peakBytes - before).toBeLessThan(total / 2);
    await store.delete('large');
  }, 240_000);
}

/** Bytes of buffers that are still in use: what waits to be collected says nothing about what is held. */
function measureHeldBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().arrayBuffers;
}

async function* repeat(block: Buffer, times: number): AsyncGenerator<Buffer> {
  for (let time = 0; time < times; time += 1) {
    yield Buffer.from(block);
    if (time % 8 === 0) await setImmediate();
  }
}
