import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ChatMessage, ChatReadState, ChatService } from '@infratraq/messaging';
import { chatGateway } from '@infratraq/messaging/gateway';
import { applyIndexes, bindModels, connectMongo } from '@infratraq/mongo';
import { Server } from 'socket.io';

// The server under test, told by its environment whether it is ours or plain Socket.IO that keeps nothing.
const { SUBJECT, MONGODB_URI = '' } = process.env;
const http = createServer();
const io = new Server(http, { serveClient: false });
const namespace = io.of('/chat');

if (SUBJECT === 'ours') {
  const mongo = await connectMongo({ uri: MONGODB_URI });
  await applyIndexes(mongo.connection, [ChatMessage, ChatReadState]);
  const membership = { roleOf: async () => 'member' as const };
  const models = bindModels(mongo.connection, [ChatMessage, ChatReadState]);
  chatGateway(namespace, {
    chat: new ChatService({ models, membership }),
    authenticate: async (token) => ({ user_id: token, roles: ['member'] }),
  });
} else {
  let seq = 0;
  namespace.on('connection', (socket) => {
    const { token } = socket.handshake.auth as { token: string };
    socket.on('channel:join', async ({ channel }, answer) => {
      await socket.join(channel);
      answer({ ok: true });
    });
    socket.on('message:send', ({ channel, client_message_id, body }, answer) => {
      seq += 1;
      // What ours announces, field by field, so that both send the same bytes.
      const message = {
        message_id: seq.toString(16).padStart(24, '0'),
        channel,
        seq,
        sender_id: token,
        client_message_id,
        body,
        attachments: [],
        mentions: [],
        links: [],
        reactions: [],
        revision: 0,
        created_at: new Date(),
      };
      namespace.to(channel).emit('message:created', message);
      answer({ ok: true, message_id: message.message_id, seq, message });
    });
  });
}
http.listen(0, '127.0.0.1', () => process.send?.((http.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
