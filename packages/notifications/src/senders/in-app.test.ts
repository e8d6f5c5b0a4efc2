import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';
import { describeSender } from '../testing/describe-sender.js';
import { openInAppSender, userRoom } from './in-app.js';

describeSender('in-app', async () => {
  const http = createServer();
  const io = new Server(http);
  const namespace = io.of('/notifications');
  namespace.on('connection', (socket) => {
    socket.on('ask', (answer: () => void) => answer());
    return socket.join(userRoom(socket.handshake.auth.user as string));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/notifications`;
  const arrived: string[] = [];
  const client = connect(url, { auth: { user: 'u-1' }, transports: ['websocket'] });
  const other = connect(url, { auth: { user: 'u-2' }, transports: ['websocket'] });
  client.on('notification:created', ({ body }: { body: string }) => arrived.push(body));
  other.on('notification:created', ({ body }: { body: string }) => arrived.push(body));
  await Promise.all(
    [client, other].map((socket) => new Promise((resolve) => socket.once('connect', () => resolve(0)))),
  );
  const sender = await openInAppSender({ namespace });
  return {
    sender: {
      ...sender,
      // What was emitted to a socket comes before the answer to a question that was asked later.
      async send(message) {
        const outcome = await sender.send(message);
        await client.emitWithAck('ask');
        return outcome;
      },
    },
    address: { channel: 'in_app', user_id: 'u-1' },
    trouble: () => undefined,
    troubles: [],
    tellsRetryAfter: false,
    arrived: () => arrived,
    secrets: [],
    connections: () => 0,
    async close() {
      client.disconnect();
      other.disconnect();
      await io.close();
    },
  };
});
