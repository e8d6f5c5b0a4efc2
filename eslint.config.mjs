import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/**
 * Which layer may import which. There is no rule for `*`: a project without a layer may import nothing,
 * and tools/check-tags.mjs refuses it even before it tries.
 */
export const layers = {
  'layer:kernel': ['layer:kernel'],
  'layer:platform': ['layer:kernel', 'layer:platform'],
  'layer:domain': ['layer:kernel', 'layer:platform'],
  'layer:store': ['layer:kernel', 'layer:platform', 'layer:domain'],
  'layer:app': ['layer:kernel', 'layer:platform', 'layer:domain', 'layer:store', 'layer:engines'],
  'layer:console': ['layer:kernel', 'layer:platform', 'layer:domain', 'layer:store'],
  'layer:engines': [],
  'layer:testing': ['layer:kernel', 'layer:platform', 'layer:engines'],
  'layer:tool': [
    'layer:kernel',
    'layer:platform',
    'layer:domain',
    'layer:store',
    'layer:engines',
    'layer:testing',
    'layer:tool',
  ],
  'layer:example': ['layer:kernel', 'layer:platform', 'layer:domain', 'layer:store'],
};

const testFiles = [
  '**/*.test.ts',
  '**/src/testing/**',
  '**/*.test.tsx',
  '**/*.tst.ts',
  '**/*.fixture.ts',
  '**/fixtures/**',
  '**/example-documents.ts',
];

// Configuration at the root belongs to no project; every project reads it by path.
const rootConfiguration = '^(\\.\\./)+(jest\\.preset|swc\\.config|eslint\\.config|(tools/)?swc-hooks)\\.mjs$';

export default tseslint.config(
  { ignores: ['**/dist', '**/.nx', '**/coverage', '**/node_modules', 'tools/generators/fixtures'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,tsx,mjs}'],
    extends: [tseslint.configs.recommended],
    plugins: { '@nx': nx, local: { rules: { 'no-vague-file-name': { create: refuseVagueFileName } } } },
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaries()],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'local/no-vague-file-name': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      'max-lines': ['error', { max: 300 }],
    },
  },
  {
    files: testFiles,
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaries(forTests)],
      'max-lines': 'off',
    },
  },
  {
    // The console speaks HTTP and Socket.IO; of our packages it may only borrow types.
    files: ['apps/console/**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['@infratraq/*'], allowTypeImports: true, message: 'The console imports only types.' },
          ],
        },
      ],
    },
  },
);

function boundaries(alsoFor = () => []) {
  const depConstraints = Object.entries(layers).map(([sourceTag, allowed]) => ({
    sourceTag,
    onlyDependOnLibsWithTags: [...allowed, ...alsoFor(sourceTag)],
  }));
  return { allow: [rootConfiguration], depConstraints };
}

function forTests(sourceTag) {
  return ['layer:testing', 'layer:engines', ...(sourceTag === 'layer:app' ? ['layer:console'] : [])];
}

function refuseVagueFileName(context) {
  return {
    Program(node) {
      if (/[\\/](utils?|helpers?|misc|common)\.[a-z]+$/.test(context.filename))
        context.report({ node, message: 'Name the file after what it does.' });
    },
  };
}
