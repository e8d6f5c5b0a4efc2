export { integrationMigrations } from './migrations/index.js';
export type { IntegrationTables } from './tables.js';
