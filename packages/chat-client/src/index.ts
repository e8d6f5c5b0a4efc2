export { ChatClient } from './chat-client.js';
export type { ChatClientEvents, ChatClientOptions } from './chat-client-options.js';
export { ChatError } from './chat-error.js';
export { createWebOutboxStorage, type OutboxStorage } from './outbox-storage.js';
export type { Draft, PendingMessage } from './pending-message.js';
