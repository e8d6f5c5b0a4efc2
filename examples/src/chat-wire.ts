// A stand-in of the chat's server, for tests of a user interface: drift from the real one does not compile.
import type { ClientToServerEvents, ServerToClientEvents } from '@infratraq/chat-wire';
import { Server } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
const server = new Server<ClientToServerEvents, ServerToClientEvents>(0);
server.of('/chat').on('connection', (user) => user.on('typing', (_typing, answer) => answer({ ok: true })));
const { port } = server.httpServer.address() as { port: number };
const user: Socket<ServerToClientEvents, ClientToServerEvents> = io(`http://127.0.0.1:${port}/chat`);
console.log(await user.emitWithAck('typing', { channel: 'project:42', on: true }));
user.close();
await server.close();
