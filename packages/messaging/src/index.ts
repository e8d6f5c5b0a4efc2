export { messaging } from './category.js';
export type { ChangedMessage } from './chat/changing/change-message.js';
export { chatSchemas } from './chat/chat-schemas.js';
export { ChatService, type ChatOptions } from './chat/chat-service.js';
export { cutBefore, cutHistory } from './chat/history/cut-history.js';
export type { History, HistoryWindow } from './chat/history/read-history.js';
export type { MissedMessages } from './chat/history/read-missed.js';
export type { FoundMessages, MessageSearch } from './chat/history/search-messages.js';
export type { ChannelRole, ChannelRuleChange, ChannelRules, ChatMembership } from './chat/membership.js';
export { presentMessage } from './chat/present-message.js';
export type { AppendedMessage } from './chat/sending/append-numbered-messages.js';
export type { SendMessage } from './chat/sending/draft-message.js';
export { ChatMessage } from './collections/chat-message.js';
export { ChatReadState } from './collections/chat-read-state.js';
export { CommentThread } from './collections/comment-thread.js';
export { EmailCommunication } from './collections/email-communication.js';
export { commentSchemas } from './comments/comment-schemas.js';
export {
  CommentService,
  type ChangedThread,
  type CommentReference,
  type CommentServiceOptions,
} from './comments/comment-service.js';
export type { ThreadReference } from './comments/store-thread.js';
export type { EmailHistoryOptions, MailFileScanner } from './email/email-history-options.js';
export { EmailHistory } from './email/email-history.js';
export type { LargeMail } from './email/filing/store-content.js';
export { MailAddressing, type MailAddressingOptions } from './email/mail-addressing.js';
export type { Bounce } from './email/parsing/read-bounce.js';
export type { InboundMail, ReceivedMail } from './email/receiving/receive-mail.js';
export { openMessaging, type OpenedMessaging, type OpenMessagingOptions } from './open-messaging.js';
