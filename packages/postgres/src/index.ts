export type { CreatedAt, Defaulted } from './column-types.js';
export {
  connectPostgres,
  PostgresUnreachableError,
  type Postgres,
  type PostgresOptions,
} from './connection/connect-postgres.js';
export { followNotifications, type NotificationHandlers } from './connection/follow-notifications.js';
export { openPostgres, type OpenedPostgres, type PostgresSource } from './connection/open-postgres.js';
export {
  defineQueue,
  JobsLostError,
  type JobQueue,
  type Jobs,
  type NewJob,
  type TakenJob,
} from './jobs/jobs.js';
export { openJobs, type JobsOptions } from './jobs/open-jobs.js';
export { withSession } from './connection/with-session.js';
export { migrate, MigrationFailedError } from './migrations/migrate.js';
export type { MigrationList, MigrationStep } from './migrations/migration-list.js';
export type { PlatformTables } from './platform-tables.js';
export {
  createCollectionStateRepository,
  type CollectionStateRepository,
} from './states/collection-state-repository.js';
export { watchCollectionStates, type WatchedCollectionStates } from './states/watch-collection-states.js';
export { adoptTransaction, type SqlTransaction } from './transactions/adopt-transaction.js';
export type { OpenTransaction } from './transactions/open-transaction.js';
export { runAlone } from './transactions/run-alone.js';
