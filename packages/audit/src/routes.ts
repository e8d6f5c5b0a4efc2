export { auditRoutes, type AuditRoutesOptions } from './history/history-routes.js';
export { restoreRoutes, type RestoreRoutesOptions } from './restore/restore-routes.js';
export { sealRoutes, type SealRoutesOptions } from './seals/seal-routes.js';
export { declarationRoutes, type DeclarationRoutesOptions } from './sensitive/declaration-routes.js';
export { fieldRoutes, type FieldRoutesOptions } from './sensitive/field-routes.js';
