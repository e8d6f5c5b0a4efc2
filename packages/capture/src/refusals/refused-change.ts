import { mongo } from 'mongoose';
import type { Change } from '../encoding/change.js';

/** A change that the changelog refused, and that waits for being replayed. */
export interface RefusedChange {
  readonly change_id: string;
  readonly entity_type: string;
  readonly refused_at: Date;
  /** How often the changelog was asked to take it. */
  readonly attempts: number;
  /** Why it was refused the last time; holds no value of the change. */
  readonly reason: string;
}

/** Whom dead letters of changes that the changelog refused are addressed to (their field `target`). */
export const changelogTarget = 'entity_changelog';

/** The change as reading it from the collection would give it. */
export function readRefusedContent(content: Uint8Array): Change {
  return mongo.BSON.deserialize(content) as Change;
}
