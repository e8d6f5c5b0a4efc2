export type { VersionSelector } from './find-version.js';
export * from './restore-plan.js';
export * from './restore-routes.js';
export * from './row-restorer.js';
