import { expect, it } from '@jest/globals';
import { backoffMilliseconds, Retries } from './retries.js';

it('waits twice as long after each vain try, up to the longest, and leaves half to chance', () => {
  const waitAfter = (vainTries: number, chance: number) =>
    backoffMilliseconds(vainTries, 5_000, () => chance);
  expect([1, 2, 3, 4, 5, 6, 20].map((tries) => waitAfter(tries, 1))).toEqual([
    200, 400, 800, 1_600, 3_200, 5_000, 5_000,
  ]);
  expect([1, 2, 20].map((tries) => waitAfter(tries, 0))).toEqual([100, 200, 2_500]);
});

it('tries each thing again once, and nothing any more when it is closed', async () => {
  const retries = new Retries(1);
  const tried: string[] = [];
  const tryLater = (name: string) =>
    new Promise<void>((resolve) =>
      retries.tryLater(name, () => {
        tried.push(name);
        resolve();
      }),
    );
  void tryLater('one');
  await Promise.all([tryLater('one'), tryLater('two')]);
  expect(tried.toSorted()).toEqual(['one', 'two']);
  expect([retries.vainTries('one'), retries.vainTries('two')]).toEqual([2, 1]);
  retries.succeed('one');
  expect(retries.vainTries('one')).toBe(0);
  void tryLater('three');
  retries.close();
  expect(retries.isWaiting('three')).toBe(false);
  await tryLater('four');
  expect(tried.toSorted()).toEqual(['four', 'one', 'two']);
});
