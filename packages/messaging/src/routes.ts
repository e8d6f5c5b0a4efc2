export { channelRoutes } from './chat/channels/channel-routes.js';
export { chatRoutes } from './chat/chat-routes.js';
export { commentRoutes } from './comments/comment-routes.js';
export { emailRoutes } from './email/email-routes.js';
export { inboundMailRoutes } from './email/receiving/inbound-mail-routes.js';
