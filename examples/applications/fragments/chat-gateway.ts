import type { Server } from 'socket.io';
import { chatGateway } from '@infratraq/messaging/gateway';

const gateway = chatGateway(io.of('/chat'), { chat, authenticate });

type Options = Parameters<typeof chatGateway>[1];
declare const io: Server;
declare const chat: Options['chat'];
declare const authenticate: Options['authenticate'];
export { gateway };
