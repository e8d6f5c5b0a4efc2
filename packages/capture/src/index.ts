export * from './change.js';
export { ChangeBatch } from './encoding/change-batch.js';
export { encodeChanges } from './encoding/change-buffer.js';
export * from './errors.js';
export * from './create-capture.js';
export * from './consumers/change-consumer.js';
export * from './consumers/create-consumers.js';
export * from './consumers/describe-consumers.js';
export * from './consumers/request-replay.js';
export { captureSlotOf, defaultCaptureNames, isCaptured, type CaptureNames } from './capture-scope.js';
export { describeSlot, type SlotDescription } from './monitoring/describe-slot.js';
export * from './monitoring/report-coverage.js';
export * from './monitoring/watch-slot.js';
export * from './preparation/exclude-table.js';
export { prepareCapture, removeCapture } from './preparation/prepare-capture.js';
export {
  planCapture,
  type CapturePlan,
  type CaptureStep,
  type PrepareOptions,
} from './preparation/plan-capture.js';
export type { CaptureScope } from './preparation/publication.js';
export type { TableExclusion, TableName } from './preparation/table-exclusion.js';
export * from './preparation/recover-lost-slot.js';
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
