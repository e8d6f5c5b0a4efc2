export { auditRoutes } from './history/history-routes.js';
export { restoreRoutes } from './restore/restore-routes.js';
export { sealRoutes } from './seals/seal-routes.js';
export { declarationRoutes } from './sensitive/declaration-routes.js';
export { fieldRoutes } from './sensitive/field-routes.js';
