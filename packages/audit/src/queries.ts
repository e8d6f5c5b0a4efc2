export * from './archive-manifest.queries.js';
export * from './entity-changelog.queries.js';
export * from './field-audit-log.queries.js';
