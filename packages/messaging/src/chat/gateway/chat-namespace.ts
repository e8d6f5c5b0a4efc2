import type { ChatNoticeName, ClientToServerEvents, ServerToClientEvents } from '@infratraq/chat-wire';
import type { SocketIdentity } from '@infratraq/transport';
import type { DefaultEventsMap, Namespace, Socket } from 'socket.io';

/** Events of the server. JSON encodes their dates as the strings that clients receive. */
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
