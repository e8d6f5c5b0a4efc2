import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { workAtRate } from './work-at-rate.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Work of which each piece takes so long. */
function openWork(milliseconds: number) {
  const begunAt = performance.now();
  const work = {
    begun: 0,
    underWay: 0,
    most: 0,
    begin: async () => {
      work.begun += 1;
      work.most = Math.max(work.most, (work.underWay += 1));
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      work.underWay -= 1;
    },
    /** Pieces begun per second of the time that has passed. */
    rate: () => work.begun / ((performance.now() - begunAt) / 1_000),
  };
  return work;
}
const { signal } = new AbortController();

describe('work at a rate', () => {
  it.each([
    ['much less time than is between two', 1],
    ['a little less', 19],
    ['three times as much', 60],
    ['far more', 900],
  ])('is begun as often as asked when each piece takes %s', async (_how, milliseconds) => {
    const work = openWork(milliseconds);
    const done = workAtRate(work.begin, { rate: 50, seconds: 10, signal });
    for (let second = 1; second < 10; second += 1) {
      await jest.advanceTimersByTimeAsync(1_000);
      expect(work.rate()).toBeCloseTo(50, -1);
    }
    await jest.advanceTimersByTimeAsync(5_000);
    await done;
    expect(work.begun).toBe(500);
  });

  it('catches up after a pause', async () => {
    const work = openWork(1);
    const done = workAtRate(work.begin, { rate: 50, seconds: 10, signal });
    await jest.advanceTimersByTimeAsync(1_000);
    // Everything stands still for two seconds.
    jest.setSystemTime(Date.now() + 2_000);
    await jest.advanceTimersByTimeAsync(20_000);
    await done;
    expect(work.begun).toBe(500);
  });

  it('is held to so many pieces at once, and to its time, where it cannot be done as fast', async () => {
    const work = openWork(1_000);
    const done = workAtRate(work.begin, { rate: 50, seconds: 5, signal, atOnce: 4 });
    await jest.advanceTimersByTimeAsync(10_000);
    await done;
    expect([work.most, work.underWay]).toEqual([4, 0]);
    expect(work.begun).toBe(20);
  });

  it('ends when it is told to, and with the first failure', async () => {
    const stopping = new AbortController();
    const work = openWork(1);
    const done = workAtRate(work.begin, { rate: 10, seconds: 60, signal: stopping.signal });
    await jest.advanceTimersByTimeAsync(1_050);
    stopping.abort();
    await jest.advanceTimersByTimeAsync(100);
    await done;
    expect(work.begun).toBe(11);
    const failing = workAtRate(() => Promise.reject(new Error('It is away')), {
      rate: 10,
      seconds: 60,
      signal,
    });
    await expect(failing).rejects.toThrow('It is away');
  });
});
