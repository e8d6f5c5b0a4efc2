export * from './administrator.js';
export * from './bind-models.js';
export * from './build-model.js';
export * from './connect.js';
export type { Page } from './find-page.js';
export * from './probe-capabilities.js';
export { resolveShape, trusted, type ResolvedShape, type Stored } from './run-query.js';
