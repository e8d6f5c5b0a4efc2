import preset, { withEngines } from './jest.preset.mjs';

// The whole system as others use it: the console in Chromium, PostgreSQL's own load generator against capture.
const { testTimeout, testPathIgnorePatterns: _ignored, ...shared } = preset;

export default {
  testTimeout,
  projects: ['apps/server', 'packages/capture'].map((folder) => ({
    ...shared,
    ...withEngines,
    displayName: folder,
    rootDir: new URL(folder, import.meta.url).pathname,
    testMatch: ['<rootDir>/src/**/*.system.test.ts'],
  })),
};
