import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { anyOddStep } from '../testing/oddities/odd-steps.js';
import { everyOddValue } from '../testing/oddities/odd-values.js';
import { openOddityChecker } from '../testing/oddities/check-oddities.js';
import { openCaptureBench, type CaptureBench } from '../testing/open-capture-bench.js';

let bench: CaptureBench;
let checker: Awaited<ReturnType<typeof openOddityChecker>>;
const faults: unknown[] = [];

beforeAll(async () => {
  bench = await openCaptureBench();
  checker = await openOddityChecker(bench);
  const capture = await bench.startCapture({ onError: () => undefined });
  capture.on('capture:retrying', ({ error }) => faults.push(error));
});
afterAll(async () => {
  await checker.close();
  await bench.close();
});

it('captures each odd value, and all that comes after it', async () => {
  const steps = everyOddValue(20_000).map((odd) => ({
    kind: 'value' as const,
    odd,
    table: 't',
    column: 'v',
    identity: 'full',
  }));
  expect(await checker.check(steps, 60_000)).toEqual([]);
  expect(faults).toEqual([]);
}, 120_000);

it('captures whatever is written, whatever it is called and whatever messages come between', async () => {
  const sizes = [0, 20, 5_000, 100_000];
  await fc.assert(
    fc.asyncProperty(fc.array(anyOddStep(sizes), { minLength: 5, maxLength: 10 }), async (steps) => {
      expect(await checker.check(steps)).toEqual([]);
    }),
    { numRuns: 5, endOnFailure: true },
  );
  expect(faults).toEqual([]);
}, 60_000);
