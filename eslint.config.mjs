import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/**
 * Which layer may import which. There is no rule for `*`: a project without a layer may import nothing,
 * and tools/check-tags.mjs refuses it even before it tries.
 */
export const layers = {
  'layer:kernel': ['layer:kernel'],
  // Types that servers and clients share; nothing else may get into a browser by way of them.
  'layer:contract': ['layer:contract'],
  'layer:platform': ['layer:kernel', 'layer:contract', 'layer:platform'],
  'layer:domain': ['layer:kernel', 'layer:contract', 'layer:platform'],
  'layer:client': ['layer:kernel', 'layer:contract', 'layer:client'],
  'layer:store': ['layer:kernel', 'layer:platform', 'layer:domain'],
  'layer:app': [
    'layer:kernel',
    'layer:contract',
    'layer:platform',
    'layer:domain',
    'layer:client',
    'layer:store',
    'layer:engines',
  ],
  'layer:console': [
    'layer:kernel',
    'layer:contract',
    'layer:platform',
    'layer:domain',
    'layer:client',
    'layer:store',
  ],
  'layer:engines': [],
  'layer:testing': ['layer:kernel', 'layer:platform'],
  'layer:tool': [
    'layer:kernel',
    'layer:contract',
    'layer:platform',
    'layer:domain',
    'layer:client',
    'layer:store',
    'layer:engines',
    'layer:testing',
    'layer:tool',
  ],
  'layer:example': [
    'layer:kernel',
    'layer:contract',
    'layer:platform',
    'layer:domain',
    'layer:client',
    'layer:store',
  ],
};

const programs = new Set(['clamd', 'dovecot', 'mongod', 'pgbench', 'toxiproxy']);

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

/** One manner for what the language offers twice. */
const manner = [
  {
    selector:
      ':matches(PropertyDefinition, MethodDefinition[kind!="constructor"], TSParameterProperty)[accessibility="private"]',
    message: 'Write #name: it is private at run time too.',
  },
  {
    selector: 'SpreadElement > :matches(ObjectExpression, ArrayExpression)',
    message: 'Write the members themselves: a spread literal escapes the check for excess properties.',
  },
  {
    selector: 'BinaryExpression[operator="in"]:not([left.type="Literal"])',
    message: 'Ask Object.hasOwn: every object has a "constructor" and a "toString" of its prototype.',
  },
];

export default tseslint.config(
  {
    ignores: [
      '**/dist',
      '**/.nx',
      '**/coverage',
      '**/node_modules',
      'tools/generators/fixtures',
      '**/generated.ts',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,tsx,mjs}'],
    extends: [tseslint.configs.recommended],
    plugins: { '@nx': nx, local: { rules: localRules() } },
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaries()],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      'local/no-vague-file-name': 'error',
      'local/capital-error-message': 'error',
      'no-restricted-syntax': ['error', ...manner],
      'no-empty': ['error', { allowEmptyCatch: false }],
      'max-lines': ['error', { max: 300 }],
    },
  },
  {
    files: testFiles,
    rules: {
      'local/capital-error-message': 'off',
      '@nx/enforce-module-boundaries': ['error', boundaries(forTests)],
      'max-lines': 'off',
    },
  },
  {
    // Files at the root of a package's sources are its entries: a name is public because somebody listed it there.
    // The list of a category's collections is such a list itself.
    files: ['packages/*/src/*.ts'],
    ignores: testFiles,
    rules: {
      'no-restricted-syntax': [
        'error',
        ...manner,
        {
          selector: 'ExportAllDeclaration:not([source.value="./collections.js"])',
          message: 'List the names that are public.',
        },
      ],
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
  const besides = {
    'layer:app': ['layer:app', 'layer:console'],
    // A client is tested against the server that it speaks to.
    'layer:client': ['layer:platform', 'layer:domain'],
  };
  return ['layer:testing', 'layer:engines', ...(besides[sourceTag] ?? [])];
}

function localRules() {
  return {
    'no-vague-file-name': { create: refuseVagueFileName },
    'capital-error-message': { create: requireCapital },
  };
}

/** Messages of errors are sentences; what begins with the name of a program or a field keeps its spelling. */
function requireCapital(context) {
  const isError = (node) => /Error$/.test(node?.name ?? '');
  const check = (node, callee) => {
    if (!isError(callee)) return;
    for (const argument of node.arguments) {
      const text = argument.type === 'TemplateLiteral' ? argument.quasis[0].value.raw : argument.value;
      const [, first] = /^([a-z]+) /.exec(typeof text === 'string' ? text : '') ?? [];
      if (first && !programs.has(first))
        context.report({ node: argument, message: 'Begin the message with a capital letter.' });
    }
  };
  return {
    NewExpression: (node) => check(node, node.callee),
    'ClassDeclaration CallExpression[callee.type="Super"]': (node) => {
      const { superClass } = context.sourceCode
        .getAncestors(node)
        .findLast(({ type }) => type === 'ClassDeclaration');
      check(node, superClass);
    },
  };
}

function refuseVagueFileName(context) {
  return {
    Program(node) {
      if (/[\\/](utils?|helpers?|misc|common)\.[a-z]+$/.test(context.filename))
        context.report({ node, message: 'Name the file after what it does.' });
    },
  };
}
