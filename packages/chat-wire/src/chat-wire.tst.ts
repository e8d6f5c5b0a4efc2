import type { Namespace, Server } from 'socket.io';
import type { Socket } from 'socket.io-client';
import { describe, expect, it } from 'tstyche';
import type { Answer, ClientToServerEvents, Message, ServerToClientEvents } from './index.js';
import type { Position } from './client-events.js';

declare const server: Server<ClientToServerEvents<Date>, ServerToClientEvents<Date>>;
declare const namespace: Namespace<ClientToServerEvents<Date>, ServerToClientEvents<Date>>;
declare const client: Socket<ServerToClientEvents, ClientToServerEvents>;

describe('a typed client', () => {
  it('emits what the server takes, and gets its answer', () => {
    const answer = client.emitWithAck('message:read', { channel: 'project:42', seq: 1 });
    expect(answer).type.toBe<Promise<Answer<Position>>>();
  });

  it('emits nothing else', () => {
    // @ts-expect-error Argument of type '"message:shout"' is not assignable to parameter
    void client.emitWithAck('message:shout', { channel: 'project:42' });
    // @ts-expect-error Type 'string' is not assignable to type 'number'
    void client.emitWithAck('message:read', { channel: 'project:42', seq: '1' });
    // @ts-expect-error Object literal may only specify known properties
    void client.emitWithAck('message:edit', { message_id: 'm', body: 'x', seq: 1 });
  });

  it('hears times as strings', () => {
    client.on('message:created', (message) => expect(message).type.toBe<Message>());
    client.on('message:created', ({ created_at }) => expect(created_at).type.toBe<string>());
  });
});

describe('a typed server', () => {
  it('announces what clients hear, with times as dates', () => {
    server.of('/other');
    namespace.to('room').emit('typing', { channel: 'project:42', user_id: 'u-1', on: true });
    // @ts-expect-error Argument of type '"message:edited"' is not assignable to parameter
    namespace.emit('message:edited', {});
    // @ts-expect-error Property 'user_id' is missing
    namespace.emit('typing', { channel: 'project:42', on: true });
  });
});
