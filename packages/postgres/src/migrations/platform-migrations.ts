import type { MigrationList } from './migration-list.js';
import { actor } from './steps/0001-actor.js';
import { users } from './steps/0002-users.js';
import { collectionStates } from './steps/0003-collection-states.js';
import { addresses } from './steps/0004-addresses.js';
import { organisations } from './steps/0005-organisations.js';
import { announceUsers } from './steps/0006-announce-users.js';

/** The actor's function, people, and the states of collections. */
export const platformMigrations: MigrationList = {
  owner: 'platform',
  steps: [actor, users, collectionStates, addresses, organisations, announceUsers],
};
