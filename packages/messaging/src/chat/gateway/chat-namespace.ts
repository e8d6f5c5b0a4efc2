import type { ChatNoticeName, ClientToServerEvents, ServerToClientEvents } from '@infratraq/chat-wire';
import type { SocketIdentity } from '@infratraq/transport';
import type { DefaultEventsMap, Namespace, Socket } from 'socket.io';

/** What the server emits; JSON turns its dates into the strings that clients hear. */
export type Emitted = ServerToClientEvents<Date>;
/** Parameters of an event of the server. */
export type Notice<Name extends ChatNoticeName> = Parameters<Emitted[Name]>;

interface ChatSocketData {
  identity: SocketIdentity;
}

/** The Socket.IO namespace of the chat. */
export type ChatNamespace = Namespace<ClientToServerEvents<Date>, Emitted, DefaultEventsMap, ChatSocketData>;
/** A client's connection to the chat. */
export type ChatSocket = Socket<ClientToServerEvents<Date>, Emitted, DefaultEventsMap, ChatSocketData>;
