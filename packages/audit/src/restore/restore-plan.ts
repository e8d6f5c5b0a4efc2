import type { EntityReference } from '@infratraq/kernel';

/** Why a plan does not bring the row back just as it was, or what it would undo. */
export const conflictKinds = [
  'newer-change',
  'trail-behind',
  'column-added',
  'column-dropped',
  'value-unknown',
  'value-unrenderable',
  'identity-kept',
  'key-changed',
] as const;
export type ConflictKind = (typeof conflictKinds)[number];

/** One thing to know before a plan is applied. */
export interface RestoreConflict {
  readonly kind: ConflictKind;
  readonly detail: string;
  /** Whether the plan cannot be applied because of it. */
  readonly blocking: boolean;
}

/** A column whose value would become another one, both as PostgreSQL writes them; null is SQL's. */
export interface RestoreDifference {
  readonly column: string;
  readonly current: string | null;
  readonly restored: string | null;
}

/** What restoring a row to a version would do; sensitive values in it are masked. */
export interface RestorePlan extends EntityReference {
  /** Stands for the statements and for the row as it is now: another one when either has changed. */
  readonly plan_id: string;
  /** The change that tells of the version. */
  readonly change_id: string;
  /** `insert`: the row is gone and comes back; `none`: it is as it was. */
  readonly action: 'update' | 'insert' | 'none';
  readonly statements: readonly string[];
  readonly differences: readonly RestoreDifference[];
  readonly conflicts: readonly RestoreConflict[];
}
