import type { Generated } from 'kysely';
import type { CreatedAt, Defaulted } from '../column-types.js';

export interface CollectionStateTable {
  collection_name: string;
  state: string;
  since: Defaulted<Date>;
}

export interface CollectionStateTransitionTable {
  transition_id: Generated<string>;
  collection_name: string;
  from_state: string;
  to_state: string;
  changed_by: string;
  changed_at: CreatedAt;
  reason: string | null;
  cause_id: string | null;
}
