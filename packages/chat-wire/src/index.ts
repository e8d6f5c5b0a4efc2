export type {
  Answer,
  ChatRequest,
  ChatRequestName,
  ChatResult,
  ClientToServerEvents,
  JoinRequest,
  Position,
  PresenceList,
  Refusal,
  SendRequest,
  SyncAnswer,
  SyncRequest,
} from './client-events.js';
export type { Attachment, EntityLink, Message, Reaction, Timestamp } from './message.js';
export type { ChatNoticeName, ChatNotices, ServerToClientEvents } from './server-events.js';
