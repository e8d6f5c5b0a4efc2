export { ChatMessage } from './collections/chat-message.js';
export { ChatReadState } from './collections/chat-read-state.js';
export { CommentThread } from './collections/comment-thread.js';
export { EmailCommunication } from './collections/email-communication.js';
