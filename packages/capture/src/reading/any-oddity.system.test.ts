import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { openOddityChecker } from '../testing/oddities/check-oddities.js';
import { anyOddStep, type OddStep } from '../testing/oddities/odd-steps.js';
import { everyOddValue } from '../testing/oddities/odd-values.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';
import { awaitMessage, killProcess, startCaptureProcess } from '../testing/start-capture-process.js';

const mostMegabytes = 512;
const mebibyte = 1 << 20;

let bench: CaptureBench;
let checker: Awaited<ReturnType<typeof openOddityChecker>>;
let capture: ChildProcess;
let retries = 0;

beforeAll(async () => {
  bench = await openCaptureBench();
  checker = await openOddityChecker(bench);
  capture = startCaptureProcess(bench, 2_000);
  capture.on('message', (message) => (retries += message === 'retrying' ? 1 : 0));
  await awaitMessage(capture, 'started');
});
afterAll(async () => {
  await killProcess(capture);
  await checker.close();
  await bench.close();
});

/** The most memory that the capturing process has had. */
function peakMegabytes(): number {
  const status = readFileSync(`/proc/${capture.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

const valueStep = (type: string, sql: string): OddStep => ({
  kind: 'value',
  odd: { type, sql: `(${sql})::${type}` },
  table: 't',
  column: 'v',
  identity: 'full',
});
const messageStep = (prefix: string, content: string, transactional = true): OddStep => ({
  kind: 'message',
  transactional,
  prefix,
  content,
});

it.each([
  ['a foreign message of 300 MB', messageStep(`'foreign'`, `repeat('x', ${300 * mebibyte})`)],
  ['one without a transaction', messageStep(`'foreign'`, `repeat('x', ${300 * mebibyte})`, false)],
  [
    'an actor of 300 MB',
    messageStep(`'infratraq.actor'`, `'{"user_id":"' || repeat('x', ${300 * mebibyte}) || '"}'`),
  ],
  ['a forged snapshot of 300 MB', messageStep(`'infratraq.snapshot'`, `repeat('[', ${300 * mebibyte})`)],
  ['a prefix of 100 MB', messageStep(`repeat('infratraq.user', ${7 * mebibyte})`, `''`)],
  ['a text of 250 MB', valueStep('text', `repeat('x', ${250 * mebibyte})`)],
  ['a json string of 12 MB', valueStep('json', `'"' || repeat('a:', ${6 * mebibyte}) || '"'`)],
  ['a json string of 200 MB', valueStep('json', `'{"a":"' || repeat('x', ${200 * mebibyte}) || '"}'`)],
  ['bytes of 100 MB', valueStep('bytea', `repeat('x', ${100 * mebibyte})`)],
  ['bytes of 15 MB', valueStep('bytea', `repeat('x', ${15 * mebibyte})`)],
  [
    'a jsonb of a million names',
    valueStep('jsonb', `(select jsonb_object_agg('name ' || i, i) from generate_series(1, 1000000) i)`),
  ],
])(
  'captures %s, and what comes after it, in little memory',
  async (_, step) => {
    expect(await checker.check([step], 60_000)).toEqual([]);
    expect(retries).toBe(0);
    expect(peakMegabytes()).toBeLessThan(mostMegabytes);
  },
  120_000,
);

it('captures each odd value at 4 MB', async () => {
  const steps = everyOddValue(4 * mebibyte).map(({ type, sql }) => valueStep(type, sql));
  for (const step of steps) expect(await checker.check([step], 60_000)).toEqual([]);
  expect(retries).toBe(0);
  expect(peakMegabytes()).toBeLessThan(mostMegabytes);
}, 600_000);

it('captures whatever is written, whatever it is called and whatever messages come between', async () => {
  const sizes = [0, 20, 5_000, 200_000, 2 * mebibyte, 18 * mebibyte];
  await fc.assert(
    fc.asyncProperty(fc.array(anyOddStep(sizes), { minLength: 5, maxLength: 12 }), async (steps) => {
      expect(await checker.check(steps, 60_000)).toEqual([]);
    }),
    { numRuns: 12, endOnFailure: true },
  );
  expect(retries).toBe(0);
  expect(peakMegabytes()).toBeLessThan(mostMegabytes);
}, 600_000);
