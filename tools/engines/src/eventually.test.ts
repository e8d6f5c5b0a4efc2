import { expect, it } from '@jest/globals';
import { eventually } from './eventually.js';

it('gives the first answer that satisfies', async () => {
  let count = 0;
  expect(
    await eventually(
      () => ++count,
      (value) => value === 3,
    ),
  ).toBe(3);
});

it('takes what does not throw for satisfying, where nothing else is asked', async () => {
  let count = 0;
  await eventually(() => expect(++count).toBeGreaterThan(2));
  expect(count).toBe(3);
});

it('shows the last answer once the time is over', async () => {
  const asking = eventually(
    async () => ({ stored: [2] }),
    () => false,
    { withinMilliseconds: 50 },
  );
  await expect(asking).rejects.toThrow('Not within 0.05 s; the last answer was { stored: [ 2 ] }');
});

it('shows what the last question threw, and keeps it as the cause', async () => {
  const fault = new TypeError('away');
  const asking = eventually(
    () => Promise.reject(fault),
    () => true,
    { withinMilliseconds: 50 },
  );
  await expect(asking).rejects.toMatchObject({ message: expect.stringContaining('away'), cause: fault });
});
