import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backOffMilliseconds } from './back-off.js';

const growth = { firstMilliseconds: 100, longestMilliseconds: 5_000 };

it('doubles the longest wait with each failure, up to a limit', () => {
  const random = () => 1;
  const waits = [1, 2, 3, 6, 7, 2_000].map((failures) =>
    backOffMilliseconds(failures, { ...growth, random }),
  );
  expect(waits).toEqual([100, 200, 400, 3_200, 5_000, 5_000]);
});

it('always waits at least half of the longest wait', () => {
  const failures = fc.integer({ min: 0, max: 10_000 });
  fc.assert(
    fc.property(failures, fc.double({ min: 0, max: 1, noNaN: true }), (count, chance) => {
      const wait = backOffMilliseconds(count, { ...growth, random: () => chance });
      const longest = backOffMilliseconds(count, { ...growth, random: () => 1 });
      expect(wait).toBeGreaterThanOrEqual(longest / 2);
      expect(wait).toBeLessThanOrEqual(longest);
    }),
  );
});
