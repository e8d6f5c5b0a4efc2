import { createServer } from 'node:http';
import { ChatMessage, ChatReadState, ChatService } from '@infratraq/messaging';
import { chatGateway } from '@infratraq/messaging/gateway';
import { bindModels, connectMongo } from '@infratraq/mongo';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';

// One of several server processes: told by its environment where MongoDB and Redis are, and which port is its own.
const { MONGODB_URI = '', REDIS_URL = '', PORT, DISCONNECT_MILLISECONDS } = process.env;
const mongo = await connectMongo({ uri: MONGODB_URI });
const models = bindModels(mongo.connection, [ChatMessage, ChatReadState]);
const membership = { roleOf: async () => 'member' as const };
const http = createServer();
const io = new Server(http, { serveClient: false });
const redis = new Redis(REDIS_URL);
redis.on('error', () => undefined);
io.adapter(createAdapter(redis, { onlyPlaintext: true, blockTimeInMs: 1_000 }));
chatGateway(io.of('/chat'), {
  chat: new ChatService({ models, membership }),
  authenticate: async (token) => ({ user_id: token, roles: ['member'] }),
  // Faults are what this process is for; its clients are told of them and try again.
  onError: () => undefined,
});
// Bad networks: cuts a random client off every so many milliseconds, whatever it was waiting for.
setInterval(() => {
  const connected = [...io.of('/chat').sockets.values()];
  connected[Math.floor(Math.random() * connected.length)]?.conn.close();
}, Number(DISCONNECT_MILLISECONDS));
http.listen(Number(PORT), '127.0.0.1', () => process.send?.('listening'));
process.on('disconnect', () => process.exit(0));
