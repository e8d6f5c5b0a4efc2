import { afterAll, afterEach, beforeAll } from '@jest/globals';
import type { ChatNoticeName, ChatNotices, ChatRequestName } from '@infratraq/chat-wire';
import type { ChannelMembership, ChannelRole } from '../chat/membership.js';
import { useModels } from '@infratraq/testing';
import { UnauthenticatedError, type Acknowledgement } from '@infratraq/transport';
import { randomUUID } from 'node:crypto';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server as SocketServer } from 'socket.io';
import { io, type Socket as Client } from 'socket.io-client';
import { chatGateway, type ChatGateway } from '../chat/gateway/chat-gateway.js';
import { ChatMessage, ChatReadState, ChatService } from '../index.js';
import { listMessagesOfChannel } from '../collections/chat-message.queries.js';

/**
 * Gives a suite a gateway over a database of its own, and clients of it, which are gone after each test. Ada and Ben
 * are members of every channel, Rita reads, and nobody else may do anything.
 */
export function useChatGateway() {
  /** What users are in every channel, unless they are something else in one. */
  const rolesByUser: Record<string, ChannelRole | undefined> = {
    ada: 'member',
    ben: 'member',
    rita: 'reader',
  };
  /** What users are in one channel: by `channel/user`. */
  const roleIn = new Map<string, ChannelRole>();
  const membership: ChannelMembership = {
    roleOf: async (channel, userId) => roleIn.get(`${channel}/${userId}`) ?? rolesByUser[userId],
  };
  const database = useModels(ChatMessage, ChatReadState);
  const clients: Client[] = [];
  let server: HttpServer;
  let sockets: SocketServer;
  let gateway: ChatGateway;

  beforeAll(async () => {
    server = createServer();
    sockets = new SocketServer(server);
    gateway = chatGateway(sockets.of('/chat'), {
      unsentPackets: 100,
      chat: new ChatService({ models: database.models, membership }),
      authenticate: async (token) => {
        if (token === 'nobody') return { user_id: 'nobody', roles: [] };
        if (!token.startsWith('token-of-')) throw new UnauthenticatedError('This token is not valid');
        return { user_id: token.slice('token-of-'.length), roles: ['member'] };
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect();
  });
  afterAll(async () => {
    await sockets.close();
  });

  /** Begins to connect a client with what it says of itself. */
  function open(auth: Record<string, unknown>): Client {
    const { port } = server.address() as AddressInfo;
    const client = io(`http://127.0.0.1:${port}/chat`, { auth, transports: ['websocket'], forceNew: true });
    clients.push(client);
    return client;
  }
  /** Connects a user with one more device. */
  async function connect(user: string): Promise<Client> {
    const client = open({ token: `token-of-${user}` });
    await new Promise<void>((resolve, reject) => {
      client.once('connect', resolve);
      client.once('connect_error', reject);
    });
    return client;
  }
  return {
    database,
    rolesByUser,
    roleIn,
    open,
    connect,
    get gateway() {
      return gateway;
    },
    storedIn: (channel: string) => database.models.find(listMessagesOfChannel, { channel }),
  };
}

type Answer = Acknowledgement<Record<string, unknown>> & Record<string, unknown>;
/** Resolves with what the server answers. */
export const emit = (client: Client, event: ChatRequestName, payload: unknown): Promise<Answer> =>
  client.timeout(60_000).emitWithAck(event, payload);
/** Resolves with the next event of this name that a client hears. */
export const next = <Name extends ChatNoticeName>(client: Client, event: Name) =>
  new Promise<ChatNotices[Name]>((resolve) => client.once(event as string, resolve));
export const newChannel = () => `project:${randomUUID()}`;
export const message = (channel: string, body = 'hello') => ({
  channel,
  client_message_id: randomUUID(),
  body,
});
