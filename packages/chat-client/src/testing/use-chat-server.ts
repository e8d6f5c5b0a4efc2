import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Message } from '@infratraq/chat-wire';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ChatMessage, ChatReadState, ChatService } from '@infratraq/messaging';
import { chatGateway, type ChatGateway } from '@infratraq/messaging/gateway';
import { useModels } from '@infratraq/testing';
import { Server as SocketServer } from 'socket.io';
import { ChatClient, type ChatClientOptions } from '../index.js';

const membership = {
  roleOf: async (channel: string) => (channel.startsWith('closed:') ? undefined : ('member' as const)),
};

/** A chat server for a suite, which can be stopped and started at the same address, and clients of it. */
export function useChatServer() {
  const database = useModels(ChatMessage, ChatReadState);
  const clients: ChatClient[] = [];
  let chat: ChatService;
  let port = 0;
  let http: HttpServer;
  let sockets: SocketServer;
  let gateway: ChatGateway;
  let swallowedAnswers = 0;

  async function start(): Promise<void> {
    http = createServer();
    sockets = new SocketServer(http);
    chat = new ChatService({ models: database.models, membership, sendRate: { burst: 30, perSecond: 100 } });
    gateway = chatGateway(sockets.of('/chat'), {
      chat,
      authenticate: async (token) => ({ user_id: token, roles: ['member'] }),
    });
    sockets.of('/chat').use((socket, next) => {
      socket.use((packet, pass) => {
        if (packet[0] === 'message:send' && swallowedAnswers > 0) {
          swallowedAnswers -= 1;
          packet[packet.length - 1] = () => undefined;
        }
        pass();
      });
      next();
    });
    await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
    port = (http.address() as AddressInfo).port;
  }
  const stop = () => sockets.close();

  beforeAll(start);
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });
  afterAll(stop);

  function open(user: string, options: Partial<ChatClientOptions> = {}): ChatClient {
    const client = new ChatClient(`http://127.0.0.1:${port}`, {
      token: async () => user,
      reconnectMilliseconds: 50,
      ...options,
    });
    clients.push(client);
    return client;
  }
  async function join(
    user: string,
    channel: string,
    options?: Partial<ChatClientOptions>,
  ): Promise<ChatClient> {
    const client = open(user, options);
    await connection(client, true);
    await client.join(channel);
    return client;
  }
  return {
    get models() {
      return database.models;
    },
    get chat() {
      return chat;
    },
    get gateway() {
      return gateway;
    },
    start,
    stop,
    open,
    join,
    /** Answers to so many messages get lost, which are stored. */
    swallowAnswers(count: number): void {
      swallowedAnswers = count;
    },
    get swallowedAnswers() {
      return swallowedAnswers;
    },
    /** Stores a message as a server process does that dies before it could announce it. */
    store: async (channel: string, body: string) =>
      (await chat.send({ channel, sender_id: 'store', client_message_id: randomUUID(), body })).message,
  };
}

export const newChannel = () => `project:${randomUUID()}`;

/** Resolves once a client is connected, or isn't. */
export const connection = (client: ChatClient, wanted: boolean) =>
  new Promise<void>((resolve) => {
    if (client.connected === wanted) return resolve();
    const stop = client.on('connection:changed', ({ connected }) => {
      if (connected !== wanted) return;
      stop();
      resolve();
    });
  });

export const bodies = (client: ChatClient, channel: string) =>
  client.messages(channel).map(({ body }) => body);

/** Resolves once the client's copy of the channel is as wanted. */
export const reaches = (
  client: ChatClient,
  channel: string,
  wanted: (messages: readonly Message[]) => boolean,
) =>
  new Promise<void>((resolve) => {
    const check = () => {
      if (wanted(client.messages(channel))) resolve();
    };
    client.on('message:created', check);
    client.on('message:updated', check);
    client.on('channel:reloaded', check);
    check();
  });
