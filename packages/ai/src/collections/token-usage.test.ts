import { expect, it } from '@jest/globals';
import { sumTokenUsage } from './token-usage.js';

it('adds token usages up, from nothing', () => {
  const usage = { input_tokens: 900, output_tokens: 120, cached_input_tokens: 400 };
  expect(sumTokenUsage([])).toEqual({ input_tokens: 0, output_tokens: 0, cached_input_tokens: 0 });
  expect(sumTokenUsage([usage, usage])).toEqual({
    input_tokens: 1_800,
    output_tokens: 240,
    cached_input_tokens: 800,
  });
});
