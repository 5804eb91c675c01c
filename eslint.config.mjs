import js from '@eslint/js';
import jest from 'eslint-plugin-jest';
import tseslint from 'typescript-eslint';

/**
 * Dependencies point downwards only: apps -> feature libs -> inference, platform. What a folder may import of the others; anything
 * else fails the lint.
 */
const MAY_IMPORT = {
  'libs/platform': [],
  'libs/inference': [],
  'libs/sockets': [],
  'libs/registry': ['platform', 'inference'],
  'libs/canary': ['platform'],
  'libs/model-slots': ['platform', 'inference', 'sockets', 'registry'],
  'libs/store': ['platform'],
  'libs/control': ['platform', 'registry', 'model-slots', 'store'],
  // Types of the control messages only: Nest and the server's dependencies stay out of the runner.
  'apps/runner': ['inference', 'sockets'],
  // Knows the server by its HTTP API alone.
  'apps/dashboard': [],
  'apps/server': ['platform', 'inference', 'sockets', 'registry', 'canary', 'model-slots', 'store', 'control'],
};

const LIBS = ['platform', 'inference', 'sockets', 'registry', 'canary', 'model-slots', 'store', 'control'];

const boundaries = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  files: [`${folder}/src/**/*.{ts,tsx}`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          ...LIBS.filter((lib) => !allowed.includes(lib)).map((lib) => ({
            group: [`@understudy/${lib}`],
            message: `${folder} may import ${allowed.length === 0 ? 'no other lib' : `only ${allowed.join(', ')}`}.`,
            allowTypeImports: folder === 'apps/runner' && lib === 'model-slots',
          })),
          {
            regex: '^(\\.\\./)+(apps|libs|src)/',
            message: 'Import another part by its name (@understudy/...), never by its path.',
          },
          {
            regex: '^@understudy/[^/]+/',
            message: 'Import what a lib exports from its index; its files are its own business.',
          },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  // schema.d.ts is generated.
  {
    ignores: [
      'apps/dashboard/src/api/schema.d.ts',
      'dist/',
      'coverage/',
      'node_modules/',
      '.understudy/',
      '.cache/',
      'training/',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Nest modules are classes that hold nothing but their decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // A private type alias reads better than an interface for what is a union or a tuple elsewhere.
      '@typescript-eslint/consistent-type-definitions': 'off',
      // A method that a port declares as asynchronous may have nothing to wait for in one adapter.
      '@typescript-eslint/require-await': 'off',
      // `as T` says what the bounds of a loop or a tuple guarantee; `!` says only that somebody was sure.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // The classes of answers describe shapes to OpenAPI; nothing depends on their instances.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // MLflow leaves a text out or sends it empty, and means the same.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'Only main.ts hands the environment to readConfiguration; inject settings.',
        },
      ],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  ...boundaries,
  {
    // Programs of their own, which hand their environment on to what they start; and the tests' configuration.
    files: ['bench/**/*.ts', 'gauntlet/**/*.ts', 'tools/**/*.ts', 'jest.config.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
        setInterval: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        performance: 'readonly',
        Buffer: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
  {
    files: ['**/*.spec.{ts,tsx}', 'test/**/*.ts'],
    plugins: { jest },
    extends: [jest.configs['flat/recommended']],
    rules: {
      'jest/no-focused-tests': 'error',
      'jest/no-disabled-tests': 'error',
      'jest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*'] }],
      'jest/no-conditional-expect': 'off',
      'jest/no-standalone-expect': 'off',
      'no-restricted-properties': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
