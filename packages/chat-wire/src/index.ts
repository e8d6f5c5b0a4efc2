export type {
  Answer,
  ChatRequest,
  ChatRequestName,
  ChatResult,
  ClientToServerEvents,
  Refusal,
  SendRequest,
  SyncAnswer,
  SyncRequest,
} from './client-events.js';
export type { Channel, NewChannel } from './channel.js';
export type { Attachment, EntityLink, Message, Reaction } from './message.js';
export type { ChatNoticeName, ChatNotices, ServerToClientEvents } from './server-events.js';
