export { createAuditSealRepository } from './audit-seal-repository.js';
export { findLostFields } from './lost-fields.js';
export { auditMigrations } from './migrations/index.js';
export { createSensitiveFieldRepository } from './sensitive-field-repository.js';
export type { AuditTables } from './tables.js';
