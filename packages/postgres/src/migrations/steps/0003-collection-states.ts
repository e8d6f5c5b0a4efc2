import { sql } from 'kysely';
import type { MigrationStep } from '../migration-list.js';

export const collectionStates: MigrationStep = {
  name: '0003-collection-states',
  formerly: '0004-collection-state',
  async up(transaction) {
    await sql`
      create table infratraq.collection_state (
        collection_name text primary key,
        state text not null,
        since timestamptz(3) not null default now()
      )`.execute(transaction);
    await sql`
      create table infratraq.collection_state_transition (
        transition_id bigint generated always as identity primary key,
        collection_name text not null,
        from_state text not null,
        to_state text not null,
        changed_by text not null,
        changed_at timestamptz(3) not null default now(),
        reason text,
        cause_id text
      )`.execute(transaction);
    await sql`
      create index collection_state_transition_by_collection
      on infratraq.collection_state_transition (collection_name, transition_id desc)`.execute(transaction);
  },
};
