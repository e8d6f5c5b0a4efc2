export { openCapture, type OpenCaptureOptions, type OpenedCapture } from './open-capture.js';

export type { Capture, CaptureOptions, CaptureStatus } from './leading/capture.js';
export { createCapture } from './leading/create-capture.js';
export { requireServerRights } from './preparation/server-role.js';
export { planCapture, type CapturePlan, type PrepareOptions } from './preparation/plan-capture.js';
export { prepareCapture, removeCapture } from './preparation/prepare-capture.js';

export type { Change, RowValue } from './encoding/change.js';
export type { ChangeBatch } from './encoding/change-batch.js';
export type { ChangeSink } from './sinks/change-sink.js';
export { createMongoChangeSink, type RefusedDocument } from './sinks/create-mongo-change-sink.js';

export {
  deadLetterTargetOf,
  RejectedChangeError,
  type ChangeConsumer,
  type RejectedChange,
} from './consumers/change-consumer.js';
export { ChangeLog } from './consumers/change-log.js';
export type { ChangeConsumers } from './consumers/change-consumers.js';
export { createConsumers } from './consumers/create-consumers.js';
export {
  countedChanges,
  describeConsumers,
  type ConsumerDescription,
} from './consumers/describe-consumers.js';
export { replayChanges, rewindConsumer } from './consumers/request-replay.js';

export { captureSlotOf } from './slots/capture-names.js';
export { describeSlot } from './slots/describe-slot.js';
export { abandonLostSlot, recoverLostSlot } from './slots/recover-lost-slot.js';
export { CaptureNotPreparedError, CaptureSlotLostError } from './slots/slot-errors.js';
export { watchSlot, type SlotWatch } from './slots/watch-slot.js';

export { nameEntityType, readEntityType } from './scope/table-name.js';
export { excludeTable, includeTable } from './scope/exclude-table.js';
export { reportCoverage, type TableCoverage } from './scope/report-coverage.js';

export { requestSnapshot } from './snapshot/request-snapshot.js';
export { runSnapshot } from './snapshot/run-snapshot.js';
export { readSnapshotProgress, type SnapshotProgress } from './snapshot/snapshot-progress.js';

export { keepRefusedChange } from './refusals/keep-refused-change.js';
export { listRefusedChanges, readRefusedChanges } from './refusals/list-refused-changes.js';
export { changelogTarget, type RefusedChange } from './refusals/refused-change.js';
export { replayRefusedChanges, type RefusedReplay } from './refusals/replay-refused-changes.js';

export { nameField } from './values/field-names.js';
export { readNamedTypes, renderLiteral } from './values/render-literal.js';
export { UnrenderableValueError } from './values/render-text.js';
