import type { Stored } from '@infratraq/mongo';
import type { EntityChangelog } from '../collections/entity-changelog.js';

/** A change as it is stored. */
export type StoredChange = Stored<EntityChangelog>;

const positionLength = ':00000000'.length;

/** The order of the log, which is that of the ids. Commit times may go backwards when a clock is set. */
export function compareInLog(one: { readonly _id: string }, other: { readonly _id: string }): number {
  return one._id < other._id ? -1 : one._id > other._id ? 1 : 0;
}

/** The part of a change's id that all changes of its transaction share. */
export function transactionOf({ _id }: { readonly _id: string }): string {
  return _id.slice(0, -positionLength);
}

/** An id before those of all changes of the transaction. */
export function beginOf(transaction: string): string {
  return `${transaction}:`;
}

/** An id after those of all changes of the transaction. */
export function endOf(transaction: string): string {
  return `${transaction};`;
}

/** Whether a change concerns its whole table: a row's key may be the text `*`, too. */
export function isOfWholeTable({ operation, entity_id, new_value }: StoredChange): boolean {
  if (entity_id !== '*') return false;
  if (operation === 'SNAPSHOT') return !new_value;
  return !['INSERT', 'UPDATE', 'DELETE'].includes(operation);
}
