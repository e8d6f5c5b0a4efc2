/** Kinds of findings. */
export const findingKinds = [
  'change:altered',
  'change:removed',
  'change:inserted',
  'change:unsealed',
  'seal:altered',
  'seal:removed',
  'seal:unpublished',
] as const;
export type FindingKind = (typeof findingKinds)[number];

/** One fault, and the change or seal that has it. */
export interface Finding {
  readonly kind: FindingKind;
  /** Of the seal; absent where a change is under none. */
  readonly sequence?: number;
  /** Ids that are no text are written as Extended JSON. */
  readonly change_id?: string;
  readonly detail: string;
}
