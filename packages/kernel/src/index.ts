<<<<<<< HEAD
export { currentActor, newCauseId, roles, runAsActor, type Actor, type Role } from './actor.js';
export { backOffMilliseconds } from './back-off.js';
export { defineCategory, type Category, type CollectionDefinition } from './category.js';
export { Collection, collectionNameOf, policyOf, type DocumentClass } from './collection.js';
export { antiPatterns, decide, traitsOf, type Decision } from './decide.js';
export {
  assertEventTarget,
  defineEvent,
  type EventData,
  type EventDefinition,
  type EventRow,
  type TableTarget,
} from './define-event.js';
export { days, formatDuration, hours, years } from './duration.js';
export {
  ConflictError,
  DefinitionError,
  ForbiddenError,
  InfratraqError,
  InvalidInputError,
  NotFoundError,
} from './errors.js';
export type { EntityFiles, FileAccess, FileRefusal, LentFile } from './file-ports.js';
export { expectSize, growth, type SizeExpectation } from './growth.js';
export { deriveIndexes, type IndexSpecification } from './index-specification.js';
export {
  assertAccess,
  assertTransition,
  CollectionStateError,
  computedState,
  lifecycle,
  lifecycleStates,
  type LifecycleState,
} from './lifecycle.js';
export type { MailboxPosition, MailboxPositions, OutboundMail, OutboundMailRecorder } from './mail-ports.js';
export {
  notificationChannels,
  type Directory,
  type DirectoryEntry,
  type MailComplaint,
  type MailComplaints,
  type NotificationAudience,
  type NotificationChannel,
  type NotificationRequest,
  type Notifier,
  type PushTarget,
  type RecipientPreferences,
} from './notification-ports.js';
export { openParts, type Defer } from './open-parts.js';
export type {
  Archive,
  Durability,
  GrowthPattern,
  IndexDirection,
  StoredIndex,
  StoredPolicy,
} from './policy.js';
export type {
  ChannelMembership,
  ChannelRole,
  CollectionStates,
  EventRecorder,
  TimelineEntry,
} from './ports.js';
export {
  defineQuery,
  isServedQuery,
  withinTime,
  type EntityReference,
  type ServedQuery,
  type TimeRange,
} from './query.js';
export { Redact, redactionsOf, type Redaction, type RedactionKind } from './redact.js';
export { isSecretName, redacted, redactForm, redactJson, redactText } from './redact-secrets.js';
export { repeat, type Repetition } from './repeat.js';
export { warnOfError, type ReportError } from './report-error.js';
export {
  between,
  expiresAfter,
  expiryWithin,
  formatRetention,
  maximumLife,
  narrowRetention,
  permanent,
} from './retention.js';
export { createTokenSigner, type TokenSigner } from './sign-tokens.js';
export { defineStore, type Store } from './store.js';
export { maximumFileNameBytes, tidyFileName } from './tidy-file-name.js';
export { isTrait, traits, type Trait } from './traits.js';
export { withholdValues } from './withhold-values.js';
=======
export * from './actor.js';
export * from './back-off.js';
export * from './category.js';
export * from './collection.js';
export * from './decide.js';
export * from './define-event.js';
export * from './duration.js';
export * from './errors.js';
export type * from './field-path.js';
export type * from './file-ports.js';
export * from './growth.js';
export * from './index-specification.js';
export * from './lifecycle.js';
export type * from './mail-ports.js';
export * from './open-parts.js';
export { parseInput } from './parse-input.js';
export type * from './policy.js';
export type * from './ports.js';
export * from './notification-ports.js';
export * from './query.js';
export * from './redact.js';
export * from './redact-secrets.js';
export * from './repeat.js';
export * from './report-error.js';
export * from './retention.js';
export * from './sign-tokens.js';
export * from './store.js';
export * from './tidy-file-name.js';
export * from './traits.js';
export * from './withhold-values.js';
>>>>>>> main
