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
/** PostgreSQL itself takes its time for some. */
const patienceMilliseconds = 120_000;

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
  ['a json string of 60 MB', valueStep('json', `'{"a":"' || repeat('x', ${60 * mebibyte}) || '"}'`)],
  ['bytes of 100 MB', valueStep('bytea', `repeat('x', ${100 * mebibyte})`)],
  ['bytes of 15 MB', valueStep('bytea', `repeat('x', ${15 * mebibyte})`)],
  [
    'a jsonb of a million names',
    valueStep('jsonb', `(select jsonb_object_agg('name ' || i, i) from generate_series(1, 1000000) i)`),
  ],
])(
  'captures %s, and what comes after it, in little memory',
  async (_, step) => {
    expect(await checker.check([step], patienceMilliseconds)).toEqual([]);
    expect(retries).toBe(0);
    expect(peakMegabytes()).toBeLessThan(mostMegabytes);
  },
  240_000,
);

it('captures each odd value at half a megabyte', async () => {
  const steps = everyOddValue(mebibyte / 2).map(({ type, sql }) => valueStep(type, sql));
  for (const step of steps) expect(await checker.check([step], patienceMilliseconds)).toEqual([]);
  expect(retries).toBe(0);
  expect(peakMegabytes()).toBeLessThan(mostMegabytes);
}, 600_000);

it('captures whatever is written, whatever it is called and whatever messages come between', async () => {
  const sizes = [0, 20, 5_000, 200_000, 2 * mebibyte];
  await fc.assert(
    fc.asyncProperty(fc.array(anyOddStep(sizes), { minLength: 5, maxLength: 10 }), async (steps) => {
      expect(await checker.check(steps, patienceMilliseconds)).toEqual([]);
    }),
    { numRuns: 8, endOnFailure: true },
  );
  expect(retries).toBe(0);
  expect(peakMegabytes()).toBeLessThan(mostMegabytes);
}, 600_000);

it('goes on after a row that PostgreSQL itself can not send, and says that something is missing', async () => {
  await bench.query('create table huge (id int primary key, a bytea, b bytea)');
  // Written with two digits for each byte, both are more than a gigabyte.
  const half = `convert_to(repeat('x', ${300 * mebibyte}), 'UTF8')`;
  await bench.query(`insert into huge values (1, 'a', 'b'); insert into huge values (2, ${half}, ${half})`);
  expect(await checker.check([messageStep(`'foreign'`, `''`)], patienceMilliseconds)).toEqual([]);
  const [before, gap] = await bench.changelog
    .find({ entity_type: { $in: ['huge', '*'] } })
    .sort({ _id: 1 })
    .toArray();
  expect(before).toMatchObject({ operation: 'INSERT', entity_id: '1' });
  expect(gap).toMatchObject({
    operation: 'GAP',
    entity_type: '*',
    changed_by: 'postgres',
    new_value: { reason: expect.stringMatching(/could not send the rest of transaction \d+/) },
  });
  expect(gap!.transaction_id).toBe(before!.transaction_id);
  expect(retries).toBe(1);
  expect(peakMegabytes()).toBeLessThan(mostMegabytes);
}, 240_000);
