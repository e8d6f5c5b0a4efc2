export { preferenceMigrations } from './migrations/index.js';
export { createOrganisationRepository } from './organisation-repository.js';
export type { PreferenceTables } from './tables.js';
