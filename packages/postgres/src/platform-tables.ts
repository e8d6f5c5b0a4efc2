import type { OrganisationTable, UserTable } from './people/people-tables.js';
import type { CollectionStateTable, CollectionStateTransitionTable } from './states/state-tables.js';

/** The platform's tables by qualified name: people, to whom domains refer, and the states of collections. */
export interface PlatformTables {
  'infratraq.users': UserTable;
  'infratraq.organisations': OrganisationTable;
  'infratraq.collection_state': CollectionStateTable;
  'infratraq.collection_state_transition': CollectionStateTransitionTable;
}
