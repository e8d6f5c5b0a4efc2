export { ChatMessage } from './chat-message.js';
export { ChatReadState } from './chat-read-state.js';
export { CommentThread } from './comment-thread.js';
export { EmailCommunication } from './email-communication.js';
