import { project, runLimits, withEngines } from './jest.preset.mjs';

// The whole system as others use it and as it fails: Chromium, PostgreSQL's load generator, killed processes, bad networks.
const { testPathIgnorePatterns: _ignored, ...shared } = project;

export default {
  ...runLimits,
  // Most of these wait for something else than the processor.
  maxWorkers: 2,
  testSequencer: new URL('tools/longest-first.mjs', import.meta.url).pathname,
  projects: [
    'apps/server',
    'examples',
    'packages/attachments',
    'packages/audit',
    'packages/capture',
    'packages/chat-client',
    'packages/ingest',
    'packages/messaging',
    'packages/mongo',
    'packages/notifications',
    'packages/objects',
    'packages/postgres',
    'tools/engines',
    'tools/generators',
  ].map((folder) => ({
    ...shared,
    ...withEngines,
    displayName: folder,
    rootDir: new URL(folder, import.meta.url).pathname,
    testMatch: ['<rootDir>/src/**/*.system.test.ts'],
  })),
};
