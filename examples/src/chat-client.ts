// A chat client: what is written before there is a connection is sent once there is one.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { ChatClient } from '@infratraq/chat-client';
import { ChatService, messaging } from '@infratraq/messaging';
import { chatGateway } from '@infratraq/messaging/gateway';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';
import { Server } from 'socket.io';

// A server of one's own; an InfraTraq server has this at its address already.
const mongo = await connectMongo({ uri: process.env['MONGODB_URI'] ?? 'mongodb://127.0.0.1/examples' });
const collections = messaging.collections.map((collection) => collection.class);
await applyIndexes(mongo.connection, collections);
const membership = { roleOf: async () => 'member' as const };
const http = createServer().listen(0, '127.0.0.1');
const sockets = new Server(http);
chatGateway(sockets.of('/chat'), {
  chat: new ChatService({ models: bindModels(mongo.connection, collections), membership }),
  membership,
  authenticate: async (token) => ({ user_id: token, roles: ['member'] }),
});
await once(http, 'listening');
const { port } = http.address() as { port: number };

const channel = `site-${randomUUID()}`;
const ada = new ChatClient(`http://127.0.0.1:${port}`, { token: 'ada' });
ada.on('message:pending', ({ body }) => console.log(`on its way: ${body}`));
await ada.send({ channel, body: 'The crane is here' });

const ben = new ChatClient(`http://127.0.0.1:${port}`, { token: 'ben' });
await new Promise((resolve) => ben.on('connection:changed', resolve));
await ben.join(channel);
for (const { seq, sender_id, body } of ben.messages(channel)) console.log(`#${seq} ${sender_id}: ${body}`);

ada.close();
ben.close();
await sockets.close();
await mongo.close();
