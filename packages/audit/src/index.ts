export * from './archive-manifest.js';
export * from './audit-history.js';
export * from './category.js';
export * from './collections.js';
export * from './entity-changelog.js';
export * from './field-audit-log.js';
export type { ChangeReference, RowAsOf } from './find-row-as-of.js';
export * from './queries.js';
export * from './render-value.js';
