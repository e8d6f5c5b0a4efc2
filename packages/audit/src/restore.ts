export type { VersionSelector } from './restore/find-version.js';
export type { RestorePlan } from './restore/restore-plan.js';
export { RowRestorer, StalePlanError, type RestoreOrder } from './restore/row-restorer.js';
