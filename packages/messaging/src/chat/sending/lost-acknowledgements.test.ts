import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { bindModels, connectMongo, type Mongo } from '@infratraq/mongo';
import { useModels } from '@infratraq/testing';
import { ChatMessage, ChatReadState, ChatService } from '../../index.js';
import { listMessagesOfChannel } from '../../collections/chat-message.queries.js';

const database = useModels(ChatMessage, ChatReadState);
let wire: Server;
let mongo: Mongo;
let cuts = 0;
const open = new Set<Socket>();

// Between the service and the real server: lets an insert reach the server, and cuts the connection at its answer.
beforeAll(async () => {
  const { host, port } = database.connection;
  wire = createServer((near) => {
    const far = connect(port, host);
    let cutsAnswer = false;
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (request) => {
      cutsAnswer = cuts > 0 && request.includes('insert\0') && request.includes('chat_message');
      far.write(request);
    });
    far.on('data', (answer) => {
      if (!cutsAnswer) return void near.write(answer);
      cuts -= 1;
      near.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(wire, 'listening');
  const wirePort = (wire.address() as AddressInfo).port;
  const uri = `mongodb://127.0.0.1:${wirePort}/${database.connection.name}?directConnection=true`;
  mongo = await connectMongo({ uri });
});

afterAll(async () => {
  await mongo.close();
  for (const socket of open) socket.destroy();
  wire.close();
});

it('stores a message once and answers it when acknowledgements are lost on the way', async () => {
  const models = bindModels(mongo.connection, [ChatMessage, ChatReadState]);
  const chat = new ChatService({ models, membership: { roleOf: async () => 'member' } });
  const channel = 'project:lost-acknowledgements';
  const send = (count: number) =>
    chat.send({ channel, sender_id: 'ada', client_message_id: `c-${count}`, body: `${count}` });
  await send(1);
  cuts = 4;
  const sent = await Promise.all([2, 3, 4, 5].map(send));
  // The driver tries once more by itself; a cut beyond that is ours to mend.
  expect(cuts).toBeLessThan(3);
  cuts = 0;
  expect(sent.map(({ message, created }) => [message.seq, message.body, created])).toEqual([
    [2, '2', true],
    [3, '3', true],
    [4, '4', true],
    [5, '5', true],
  ]);
  await send(6);
  const stored = await database.models.find(listMessagesOfChannel, { channel });
  expect(stored.map(({ seq, body }) => `${seq}=${body}`)).toEqual(['1=1', '2=2', '3=3', '4=4', '5=5', '6=6']);
});
