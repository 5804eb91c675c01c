/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

/** Where there is code. Everything else that a project looks through before it begins, packages above all, took it seconds. */
const roots = ['apps', 'libs', 'test', 'tools', 'bench', 'gauntlet'].map((folder) => `<rootDir>/${folder}`);

const common: Config = {
  roots,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          // As the build has them (rspack.config.mjs).
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: { '^@understudy/([^/]+)$': '<rootDir>/libs/$1/src/index.ts' },
  setupFiles: ['<rootDir>/test/support/setup.ts'],
  testEnvironmentOptions: { globalsCleanup: 'off' },
};

/** Components of the dashboard, alone, in a document without a browser. */
const dashboard: Config = {
  displayName: 'dashboard',
  roots,
  testEnvironment: 'jest-environment-jsdom',
  testMatch: ['<rootDir>/apps/dashboard/**/*.spec.{ts,tsx}'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: {
    '\\.css$': '<rootDir>/apps/dashboard/testing/no-style.ts',
    // One file instead of one for each of thousands of icons.
    '^lucide-react$': '<rootDir>/node_modules/lucide-react/dist/cjs/lucide-react.js',
  },
  setupFiles: ['<rootDir>/apps/dashboard/testing/browser-parts.ts'],
};

const project = (displayName: string, folder: string, more: Config = {}): Config => ({
  ...common,
  displayName,
  testMatch: [`<rootDir>/${folder}/**/*.spec.ts`],
  ...more,
});

/** Unit tests stand beside the code; everything that needs the built product or another program is under test/. */
const config: Config = {
  testTimeout: 180_000,
  // Most of their time tests wait for other processes.
  maxWorkers: '100%',
  testSequencer: '<rootDir>/test/support/long-ones-first.mjs',
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,libs,tools}/**/*.spec.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/apps/dashboard/'],
    },
    dashboard,
    project('e2e', 'test/e2e', { globalSetup: '<rootDir>/test/support/build-once.ts' }),
    project('mlflow', 'test/mlflow', {
      globalSetup: '<rootDir>/test/mlflow/support/global-setup.ts',
      globalTeardown: '<rootDir>/test/mlflow/support/global-teardown.ts',
    }),
    project('clients', 'test/clients', { globalSetup: '<rootDir>/test/clients/support/global-setup.ts' }),
    project('store', 'test/store', {
      globalSetup: '<rootDir>/test/store/support/global-setup.ts',
      globalTeardown: '<rootDir>/test/store/support/global-teardown.ts',
    }),
    project('browser', 'test/browser', { globalSetup: '<rootDir>/test/support/build-once.ts' }),
    project('gauntlet', 'test/gauntlet', { globalSetup: '<rootDir>/test/support/build-once.ts' }),
    project('readme', 'test/readme', { globalSetup: '<rootDir>/test/support/build-once.ts' }),
  ],
  // The run of all tests is the run that measures coverage, where it is asked to.
  collectCoverage: process.env['COVERAGE'] !== undefined,
  coverageProvider: 'v8',
  collectCoverageFrom: [
    '{apps,libs}/*/src/**/*.{ts,tsx}',
    '!**/*.spec.{ts,tsx}',
    '!**/*.dto.ts',
    '!**/index.ts',
    '!**/*.d.ts',
    '!apps/*/src/main.{ts,tsx}',
  ],
  coverageDirectory: 'coverage',
  coverageReporters: ['text-summary', 'html'],
  coverageThreshold: { global: { lines: 90, branches: 85 } },
};

export default config;
