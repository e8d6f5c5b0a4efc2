import { expect, it } from '@jest/globals';
import { tidyFileName } from './tidy-file-name.js';

const family = '👨‍👩‍👧‍👦';

it.each([
  [`${family}.png`, `${family}.png`],
  ['❤️‍🔥.png', '❤️‍🔥.png'],
  ['می‌روم.pdf', 'می‌روم.pdf'],
  ['in\u200dvoice\u200c.pdf\u200d', 'invoice.pdf'],
])('the joiners of %j stay where they spell something', (given, kept) => {
  expect(tidyFileName(given)).toBe(kept);
});

it('a long name is cut between emoji', () => {
  const name = tidyFileName(`${family.repeat(30)}.png`);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
  expect(name).toBe(`${family.repeat(10)}.png`);
});
