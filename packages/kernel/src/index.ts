export { currentActor, newCauseId, roles, runAsActor, type Actor, type Role } from './actor.js';
export { backOffMilliseconds } from './running/back-off.js';
export { defineCategory, type Category, type CollectionDefinition } from './policy/category.js';
export { Collection, collectionNameOf, policyOf, type DocumentClass } from './policy/collection.js';
export { antiPatterns, decide, traitsOf, type Decision } from './policy/decide.js';
export {
  assertEventTarget,
  defineEvent,
  type EventData,
  type EventDefinition,
  type EventRow,
  type TableTarget,
} from './policy/define-event.js';
export { days, formatDuration, hours, years } from './policy/duration.js';
export {
  ConflictError,
  DefinitionError,
  ForbiddenError,
  InfratraqError,
  InvalidInputError,
  NotFoundError,
} from './errors/errors.js';
export {
  accessForAllMembers,
  filterByScopes,
  isAtLeast,
  openScope,
  requireRole,
  roleOver,
  roleWithin,
  scopeRoles,
  scopesOfRoles,
  type EntityAccess,
  type HeldScope,
  type ScopeFilter,
  type ScopeRole,
} from './ports/entity-access.js';
export type { EntityFiles, FileAccess, FileRefusal, LentFile } from './ports/file-ports.js';
export { expectSize, growth, type SizeExpectation } from './policy/growth.js';
export { deriveIndexes, type IndexSpecification } from './policy/index-specification.js';
export {
  assertAccess,
  assertTransition,
  CollectionStateError,
  computedState,
  lifecycle,
  lifecycleStates,
  type LifecycleState,
} from './policy/lifecycle.js';
export type { OutboundMail, OutboundMailRecorder } from './ports/mail-ports.js';
export {
  notificationChannels,
  type NotificationAudience,
  type NotificationChannel,
  type NotificationRequest,
  type Notifier,
  type RecipientPreferences,
} from './ports/notification-ports.js';
export { openParts, type Defer } from './running/open-parts.js';
export { parseInput } from './errors/parse-input.js';
export type {
  Archive,
  Durability,
  GrowthPattern,
  StoredIndex,
  StoredPolicy,
  IndexDirection,
} from './policy/policy.js';
export type { CollectionStates, EventRecorder } from './ports/ports.js';
export {
  defineQuery,
  isServedQuery,
  withinTime,
  type EntityReference,
  type ServedQuery,
  type TimeRange,
} from './policy/query.js';
export { Redact, redactionsOf, type Redaction, type RedactionKind } from './secrets/redact.js';
export { isSecretName, redacted, redactForm, redactJson, redactText } from './secrets/redact-secrets.js';
export { repeat, type Repetition } from './running/repeat.js';
export { explainDiskFault } from './errors/disk-fault.js';
export { warnOfError, type ReportError } from './errors/report-error.js';
export {
  between,
  expiresAfter,
  expiryWithin,
  formatRetention,
  maximumLife,
  narrowRetention,
  permanent,
} from './policy/retention.js';
export { createTokenSigner, type TokenSigner } from './secrets/sign-tokens.js';
export { defineStore, type Store } from './policy/store.js';
export { cutText, textRule } from './text/text-rule.js';
export { findUnstorableText } from './text/find-unstorable-text.js';
export { fingerprintOf } from './text/fingerprint.js';
export { maximumFileNameBytes, tidyFileName } from './text/tidy-file-name.js';
export { isTrait, traits, type Trait } from './policy/traits.js';
export { withholdValues } from './errors/withhold-values.js';
