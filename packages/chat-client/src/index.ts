export * from './chat-client.js';
export type * from './chat-client-options.js';
export * from './chat-error.js';
export * from './outbox-storage.js';
export type { Draft, PendingMessage } from './outbox.js';
export type * from './wire.js';
