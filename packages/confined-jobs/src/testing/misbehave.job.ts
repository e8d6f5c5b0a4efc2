import { InfratraqError } from '@infratraq/kernel';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { JobResult } from '../job.js';

type Behaviour = keyof typeof behaviours;

const mebibyte = 1024 * 1024;

const behaviours = {
  echo: async (input: Readable) => ({
    value: { env: Object.keys(process.env) },
    contents: [await buffer(input)],
  }),
  leave: async () => ({ value: 'unread', contents: [] }),
  spin: () => {
    for (;;);
  },
  wait: () => new Promise<never>(() => undefined),
  hoard: async () => {
    const hoarded: object[] = [];
    for (;;) hoarded.push({ more: hoarded.length });
  },
  allocate: async () => {
    const held: Buffer[] = [];
    for (;;) {
      held.push(Buffer.alloc(mebibyte, 1));
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
  unpack: async () => ({ value: undefined, contents: [Buffer.alloc(2 * mebibyte)] }),
  die: () => process.kill(process.pid, 'SIGSEGV'),
  refuse: async () => {
    throw new InfratraqError('image.unreadable', 'The image is damaged', { status: 422 });
  },
  throw: async () => {
    throw new TypeError('x is not a function');
  },
};

/** Does what content may make a parser do. */
export default async function misbehave(input: Readable, behaviour: Behaviour): Promise<JobResult> {
  return (await behaviours[behaviour](input)) as JobResult;
}
