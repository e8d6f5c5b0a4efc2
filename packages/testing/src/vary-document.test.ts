import { expect, it } from '@jest/globals';
import { removePath } from './vary-document.js';

it('removes a path from the elements of an array that have it, and leaves the others as they are', () => {
  const document = {
    steps: [{ name: 'plan' }, { name: 'build', tool: { maker: 'a', model: 'b' } }, { tool: null }],
  };
  expect(removePath(document, ['steps', 'tool', 'maker'])).toEqual({
    steps: [{ name: 'plan' }, { name: 'build', tool: { model: 'b' } }, { tool: null }],
  });
});
