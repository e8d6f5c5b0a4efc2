import { project, runLimits } from './jest.preset.mjs';

// What depends on the engine, once more on DocumentDB: every collection's conformance, and full-text search.
const suites = {
  'packages/audit': ['conformance'],
  'packages/integration': ['conformance'],
  'packages/activity': ['conformance'],
  'packages/messaging': ['conformance'],
  'packages/notifications': ['conformance'],
  'packages/caches': ['conformance', 'routes'],
  'packages/preferences': ['conformance'],
  'packages/ai': ['conformance'],
  'packages/observability': ['conformance'],
  'packages/attachments': ['conformance'],
  'tools/engines': ['*.documentdb'],
};
const { testPathIgnorePatterns: _ignored, ...shared } = project;

export default {
  ...runLimits,
  projects: Object.entries(suites).map(([folder, names]) => ({
    ...shared,
    displayName: folder,
    rootDir: new URL(folder, import.meta.url).pathname,
    testMatch: names.map((name) => `<rootDir>/src/**/${name}.test.ts`),
  })),
};
