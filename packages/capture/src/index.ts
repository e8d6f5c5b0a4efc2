export * from './change.js';
export * from './errors.js';
export * from './create-capture.js';
export { captureSlotOf, defaultCaptureNames, isCaptured, type CaptureNames } from './capture-scope.js';
export * from './monitoring/report-coverage.js';
export * from './preparation/prepare-capture.js';
export * from './sinks/create-mongo-change-sink.js';
