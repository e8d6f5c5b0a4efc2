export { ArchiveManifest } from './archive-manifest.js';
export { EntityChangelog } from './entity-changelog.js';
export { FieldAuditLog } from './field-audit-log.js';
