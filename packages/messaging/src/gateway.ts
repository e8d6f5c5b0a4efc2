export { chatGateway, type ChatGateway, type ChatGatewayOptions } from './chat/gateway/chat-gateway.js';
