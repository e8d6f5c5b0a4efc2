// A chat client, and a chat server for it to speak to; an InfraTraq server is one already.
import { ChatClient } from '@infratraq/chat-client';
import { accessForAllMembers as access } from '@infratraq/kernel';
import { openMessaging } from '@infratraq/messaging';
import { chatGateway } from '@infratraq/messaging/gateway';
import { Server } from 'socket.io';
const mongodbUri = process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples';
const membership = { roleOf: async () => 'member' as const };
const { chat, close } = await openMessaging({ mongodbUri, access, membership });
const sockets = new Server(0);
chatGateway(sockets.of('/chat'), { chat, authenticate: async (user_id) => ({ user_id, roles: ['member'] }) });
const { port } = sockets.httpServer.address() as { port: number };

const client = new ChatClient(`http://127.0.0.1:${port}`, { token: 'ada' });
const { seq, sender_id, body } = await client.send({ channel: 'project:42', body: 'The crane is here' });
console.log(`#${seq} ${sender_id}: ${body}`);
client.close();
await sockets.close();
await close();
