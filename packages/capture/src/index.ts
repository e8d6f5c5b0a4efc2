export * from './encoding/change.js';
export { ChangeBatch } from './encoding/change-batch.js';
export { encodeChanges } from './encoding/change-buffer.js';
export * from './slots/slot-errors.js';
export * from './leading/create-capture.js';
export type * from './leading/capture.js';
export type * from './sinks/change-sink.js';
export type * from './consumers/change-consumers.js';
export * from './consumers/change-consumer.js';
export * from './consumers/create-consumers.js';
export * from './consumers/describe-consumers.js';
export * from './consumers/request-replay.js';
export { isCaptured } from './scope/is-captured.js';
export { captureSlotOf, type CaptureNames } from './slots/capture-names.js';
export { describeSlot, type SlotDescription } from './slots/describe-slot.js';
export * from './scope/report-coverage.js';
export * from './slots/watch-slot.js';
export * from './scope/exclude-table.js';
export { prepareCapture, removeCapture } from './preparation/prepare-capture.js';
export {
  planCapture,
  type CapturePlan,
  type CaptureStep,
  type PrepareOptions,
} from './preparation/plan-capture.js';
export type { CaptureScope } from './scope/publication.js';
export type { TableExclusion, TableName } from './scope/table-exclusion.js';
export * from './slots/recover-lost-slot.js';
export { keepRefusedChange } from './refusals/keep-refused-change.js';
export {
  listRefusedChanges,
  readRefusedChanges,
  type RefusedRange,
} from './refusals/list-refused-changes.js';
export { changelogTarget, type RefusedChange } from './refusals/refused-change.js';
export * from './refusals/replay-refused-changes.js';
export { requestSnapshot } from './snapshot/request-snapshot.js';
export * from './snapshot/run-snapshot.js';
export * from './snapshot/snapshot-progress.js';
export * from './sinks/create-mongo-change-sink.js';
export { readNamedTypes, renderLiteral, renderText, type NamedTypes } from './values/render-literal.js';
export { UnrenderableValueError } from './values/render-text.js';
export type { RangeValue } from './values/convert-range.js';
