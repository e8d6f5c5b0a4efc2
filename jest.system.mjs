import preset, { withEngines } from './jest.preset.mjs';

// The whole system as others use it and as it fails: Chromium, PostgreSQL's load generator, killed processes, bad networks.
const { testTimeout, testPathIgnorePatterns: _ignored, ...shared } = preset;

export default {
  testTimeout,
  projects: [
    'apps/server',
    'packages/attachments',
    'packages/capture',
    'packages/chat-client',
    'packages/ingest',
    'packages/messaging',
    'packages/notifications',
    'packages/objects',
    'packages/postgres',
    'tools/engines',
  ].map((folder) => ({
    ...shared,
    ...withEngines,
    displayName: folder,
    rootDir: new URL(folder, import.meta.url).pathname,
    testMatch: ['<rootDir>/src/**/*.system.test.ts'],
  })),
};
