import swc from './swc.config.mjs';

/** What the tests of every package share. */
export const project = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/src/**/*.test.ts'],
  // These need programs that not every machine has: jest.documentdb.mjs and jest.system.mjs run them.
  testPathIgnorePatterns: ['\\.(documentdb|system)\\.test\\.ts$'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: { '^.+\\.tsx?$': ['@swc/jest', swc] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testEnvironmentOptions: { customExportConditions: ['@infratraq/source', 'node', 'node-addons'] },
};

/** What holds for a whole run; jest takes it from a run's own configuration, not from a project's. */
export const runLimits = {
  // Only ends what hangs: beside everything else on a small machine a test may be many times slower than alone.
  testTimeout: 180_000,
  // A test that fails between opening a connection and closing it would keep the run alive for ever.
  forceExit: true,
};

/** For packages whose tests talk to databases: engines start once per run unless their addresses are set. */
export const withEngines = {
  globalSetup: new URL('./tools/engines/jest/global-setup.mjs', import.meta.url).pathname,
  globalTeardown: new URL('./tools/engines/jest/global-teardown.mjs', import.meta.url).pathname,
};

/** What every package's jest run shares; a package's own jest.config.mjs spreads this. */
export default { ...project, ...runLimits };
