import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { InvalidInputError, parseInput } from '../index.js';

const schema = z.strictObject({ name: z.string(), sizes: z.array(z.int()).default([]) });

it('input is returned with its defaults', () => {
  expect(parseInput(schema, { name: 'Crane' }, 'crane.invalid')).toEqual({ name: 'Crane', sizes: [] });
});

it.each([
  [{ name: 5 }, '/name'],
  [{ name: 'Crane', sizes: [1, 'two'] }, '/sizes/1'],
  [undefined, '/'],
])('input such as %j is refused with a code, and the path of what is wrong', (input, path) => {
  const parse = () => parseInput(schema, input, 'crane.invalid');
  expect(parse).toThrow(InvalidInputError);
  const errors = [{ path, message: expect.any(String) }];
  expect(parse).toThrow(expect.objectContaining({ code: 'crane.invalid', status: 400, errors }));
});
