export * from './chat-message.queries.js';
export * from './chat-read-state.queries.js';
export * from './comment-thread.queries.js';
export * from './email-communication.queries.js';
