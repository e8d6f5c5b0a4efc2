import type { MigrationList } from '@infratraq/postgres';
import { endpointsAndKeys } from './0001-endpoints-and-keys.js';

/** Webhook endpoints and API keys. */
export const integrationMigrations: MigrationList = {
  owner: 'integration',
  steps: [endpointsAndKeys],
};
