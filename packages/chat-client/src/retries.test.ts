import { expect, it } from '@jest/globals';
import { Retries } from './retries.js';

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
