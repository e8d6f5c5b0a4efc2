import type { EntityReference } from '@infratraq/kernel';

/** Why a restored row would differ from its version, or what else would be undone. */
export const conflictKinds = [
  'newer-change',
  'trail-behind',
  'column-added',
  'column-dropped',
  'value-unknown',
  'value-unrenderable',
  'identity-kept',
  'key-changed',
  'table-renamed',
] as const;
export type ConflictKind = (typeof conflictKinds)[number];

/** A note to read before applying a plan. */
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

/** The effect of restoring a row to a version, with sensitive values masked. */
export interface RestorePlan extends EntityReference {
  /** Identifies the statements and the row as it is now; it changes with either. */
  readonly plan_id: string;
  /** The change that holds the version. */
  readonly change_id: string;
  /** `insert`: the row is gone and comes back; `none`: it is as it was. */
  readonly action: 'update' | 'insert' | 'none';
  readonly statements: readonly string[];
  readonly differences: readonly RestoreDifference[];
  readonly conflicts: readonly RestoreConflict[];
}
