export { ArchiveManifest } from './collections/archive-manifest.js';
export { EntityChangelog } from './collections/entity-changelog.js';
export { FieldAuditLog } from './collections/field-audit-log.js';
