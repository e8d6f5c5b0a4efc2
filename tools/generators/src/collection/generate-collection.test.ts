import { describe, expect, it } from '@jest/globals';
import type { Tree } from '@nx/devkit';
import generateCollection from './generate-collection.js';

const files: Record<string, string> = {
  'packages/ai/src/collections.ts': "export { ModelRegistry } from './collections/model-registry.js';\n",
  'packages/ai/src/collections/model-registry.ts': '',
  'packages/ai/src/index.ts': "export { trainModel, type TrainingRun } from './training.js';\n",
  'packages/observability/src/collections.ts': '',
};

/** A tree of these files; what is written to it fails the test. */
const tree = {
  read: (path: string) => files[path] ?? null,
  exists: (path: string) => Object.hasOwn(files, path),
  children: () => ['ai', 'observability'],
  write: (path: string) => expect(path).toBe('nothing'),
} as unknown as Tree;

describe('nx g collection refuses before it writes', () => {
  it.each(['Lift Inspection!', '../lift', '', 'lift--inspection', '3d-model', 'lift_', 'lift.inspection'])(
    'the name %p',
    async (name) => {
      await expect(generateCollection(tree, { name, category: 'ai' })).rejects.toThrow('is no name');
    },
  );

  it.each([
    ['model-registry', 'ai', 'packages/ai/src/collections/model-registry.ts exists already'],
    ['ModelRegistry', 'observability', 'packages/ai/src/collections/model-registry.ts exists already'],
    ['training_run', 'ai', 'The name TrainingRun is taken in ai already'],
    ['schema', 'ai', 'The name Schema is taken'],
    ['lift', 'kernel', 'packages/kernel/src/collections.ts does not exist'],
  ])('%s in %s', async (name, category, message) => {
    await expect(generateCollection(tree, { name, category })).rejects.toThrow(message);
  });

  it('a purpose that would end the comment it is written into', async () => {
    const options = { name: 'lift', category: 'ai', purpose: 'Lifts */ and more' };
    await expect(generateCollection(tree, options)).rejects.toThrow('may not contain */');
  });
});
