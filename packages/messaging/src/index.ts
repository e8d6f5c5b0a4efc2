export type { AppendedMessage } from './append-messages.js';
export * from './category.js';
export * from './collections.js';
export type { ChangedMessage } from './change-message.js';
export type { CommentInput } from './comments/change-thread.js';
export type {
  ChannelAct,
  ChannelMembership,
  ChannelRole,
  ChannelRuleChange,
  ChannelRules,
  ChatMembership,
} from './chat-access.js';
export * from './chat-message-parts.js';
export * from './chat-message.js';
export * from './chat-read-state.js';
export * from './chat-service.js';
export * from './comments/comment-service.js';
export * from './comment-thread.js';
export * from './comment.js';
export type { ThreadReference } from './comments/store-thread.js';
export * from './cut-history.js';
export type { SendMessage } from './draft-message.js';
export * from './email-communication-parts.js';
export * from './email-communication.js';
export * from './email/email-history.js';
export * from './email/mail-addressing.js';
export { mailLimits } from './email/mail-limits.js';
export type { Bounce } from './email/read-bounce.js';
export type { InboundMail, ReceivedMail } from './email/receive-mail.js';
export type { LargeMail } from './email/store-content.js';
export * from './find-mentions.js';
export * from './message-limits.js';
export * from './open-chat.js';
export * from './present-message.js';
export * from './queries.js';
export type { History, HistoryWindow } from './read-history.js';
export type { KnownHistory, MissedMessages } from './read-missed.js';
export type { Position, PositionMove } from './read-positions.js';
export type { FoundMessages, MessageSearch } from './search-messages.js';
export type { SendRateOptions } from './send-rate.js';
export type { VisibleBounds } from './visible-history.js';
export type { MessageLists, MessagesPart } from './visible-messages.js';
