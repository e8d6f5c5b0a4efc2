export * from './archive-manifest.js';
export * from './category.js';
export * from './collections.js';
export * from './entity-changelog.js';
export * from './field-audit-log.js';
export * from './queries.js';
