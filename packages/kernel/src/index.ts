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
export type { OutboundMail, OutboundMailRecorder } from './mail-ports.js';
export {
  notificationChannels,
  type NotificationAudience,
  type NotificationChannel,
  type NotificationRequest,
  type Notifier,
  type RecipientPreferences,
} from './notification-ports.js';
export { openParts, type Defer } from './open-parts.js';
export { parseInput } from './parse-input.js';
export type {
  Archive,
  Durability,
  GrowthPattern,
  IndexDirection,
  StoredIndex,
  StoredPolicy,
} from './policy.js';
export type { CollectionStates, EventRecorder, TimelineEntry } from './ports.js';
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
