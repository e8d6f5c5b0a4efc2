import type {
  ChatRequest,
  ChatRequestName,
  ChatResult,
  ClientToServerEvents,
  NewChannel,
  ServerToClientEvents,
} from '@infratraq/chat-wire';
import type { Namespace, Server } from 'socket.io';
import { describe, expect, it } from 'tstyche';
import type { z } from 'zod';
import type { CreateChannel } from '../channels/channel-schemas.js';
import type { ChannelRole } from '../membership.js';
import { chatGateway, type ChatGatewayOptions } from './chat-gateway.js';
import type { ChatNamespace } from './chat-namespace.js';
import type { ChatRooms } from './chat-rooms.js';
import type { clientEvents } from './client-events.js';

type Checked<Name extends ChatRequestName> = z.output<(typeof clientEvents)[Name]>;

declare const rooms: ChatRooms;
declare const options: ChatGatewayOptions;

describe('the gateway', () => {
  it('takes the events of the wire, with the very fields that clients may send', () => {
    expect<keyof typeof clientEvents>().type.toBe<ChatRequestName>();
    expect<{ [Name in ChatRequestName]: Required<ChatRequest<Name>> }>().type.toBeAssignableTo<{
      [Name in ChatRequestName]: Required<Checked<Name>>;
    }>();
    expect<{ [Name in ChatRequestName]: Required<Checked<Name>> }>().type.toBeAssignableTo<{
      [Name in ChatRequestName]: Required<ChatRequest<Name>>;
    }>();
  });

  it('announces the events of the wire and nothing else', () => {
    rooms.announce('project:42', 'typing', { channel: 'project:42', user_id: 'u-1', on: true });
    // @ts-expect-error Argument of type '"message:edited"' is not assignable to parameter
    rooms.announce('project:42', 'message:edited', { channel: 'project:42' });
    // @ts-expect-error Property 'on' is missing
    rooms.announce('project:42', 'typing', { channel: 'project:42', user_id: 'u-1' });
  });

  it('tells the roles that the kernel knows', () => {
    expect<Parameters<ServerToClientEvents['role:changed']>[0]['role']>().type.toBe<ChannelRole>();
  });

  it('answers times as dates, which clients hear as strings', () => {
    expect<ChatResult<'channel:sync', Date>['synced_at']>().type.toBe<Date>();
    expect<ChatResult<'channel:sync'>['synced_at']>().type.toBe<string>();
  });

  it('serves a namespace of any server, typed or not', () => {
    chatGateway({} as Namespace, options);
    chatGateway({} as ChatNamespace, options);
    chatGateway(({} as Server<ClientToServerEvents<Date>, ServerToClientEvents<Date>>).of('/chat'), options);
  });
});

it('channels are made from what clients send', () => {
  expect<CreateChannel>().type.toBeAssignableFrom<NewChannel>();
});
