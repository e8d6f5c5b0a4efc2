export * from './archive-manifest.js';
export * from './audit-history.js';
export * from './category.js';
export * from './collections.js';
export * from './entity-changelog.js';
export * from './field-audit-log.js';
export type { ChangeReference, RowAsOf } from './find-row-as-of.js';
export * from './queries.js';
export * from './render-value.js';
export * from './sensitive/field-audit.js';
export { createMask, type Mask } from './sensitive/mask-value.js';
export * from './sensitive/record-sensitive-changes.js';
export type {
  DeclaredField,
  SensitiveFieldKeeper,
  SensitiveFields,
  StatedField,
} from './sensitive/sensitive-fields.js';
export * from './sensitive/sensitive-reader.js';
export * from './seals/audit-sealer.js';
export * from './seals/audit-verifier.js';
export { writeCanonical } from './seals/canonical-document.js';
export * from './seals/find-refused-changes.js';
export * from './seals/findings.js';
export { measureSealing, type SealingReading, type SealingTrail } from './seals/measure-sealing.js';
export * from './seals/prove-change.js';
export * from './seals/publish-seals.js';
export * from './seals/watch-sealing.js';
export type {
  CaptureSource,
  KeptSeal,
  RefusedChanges,
  SealHead,
  SealingProgress,
  SealingTurn,
  SealKeeper,
  SealPublisher,
  SegmentReader,
} from './seals/seal-ports.js';
export type { Seal, SealedChange, SealWithChanges } from './seals/seal.js';
