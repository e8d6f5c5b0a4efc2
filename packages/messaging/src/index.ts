export type { AppendedMessage } from './chat/sending/append-numbered-messages.js';
export * from './category.js';
export * from './collections.js';
export type { ChangedMessage } from './chat/changing/change-message.js';
export type { CommentInput } from './comments/change-thread.js';
export type {
  ChannelAct,
  ChannelMembership,
  ChannelRole,
  ChannelRuleChange,
  ChannelRules,
  ChatMembership,
} from './chat/membership.js';
export * from './collections/chat-message-parts.js';
export * from './collections/chat-message.js';
export * from './collections/chat-read-state.js';
export * from './chat/chat-service.js';
export * from './comments/comment-service.js';
export * from './collections/comment-thread.js';
export * from './collections/comment-thread-parts.js';
export type { ThreadReference } from './comments/store-thread.js';
export * from './chat/history/cut-history.js';
export type { SendMessage } from './chat/sending/draft-message.js';
export * from './collections/email-communication-parts.js';
export * from './collections/email-communication.js';
export * from './email/email-history.js';
export * from './email/email-history-options.js';
export * from './email/mail-addressing.js';
export { mailLimits } from './email/parsing/mail-limits.js';
export type { Bounce } from './email/parsing/read-bounce.js';
export type { InboundMail, ReceivedMail } from './email/receiving/receive-mail.js';
export type { LargeMail } from './email/filing/store-content.js';
export * from './mentions/find-mentions.js';
export * from './collections/message-limits.js';
export * from './open-messaging.js';
export * from './chat/present-message.js';
export * from './collections/queries.js';
export type { History, HistoryWindow } from './chat/history/read-history.js';
export type { KnownHistory, MissedMessages } from './chat/history/read-missed.js';
export type { Position, PositionMove } from './chat/read-positions.js';
export type { FoundMessages, MessageSearch } from './chat/history/search-messages.js';
export type { SendRateOptions } from './chat/rules/send-rate.js';
export type { VisibleBounds } from './chat/history/visible-history.js';
export type { MessageLists } from './chat/history/visible-messages.js';
