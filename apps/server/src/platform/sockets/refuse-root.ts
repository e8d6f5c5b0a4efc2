import type { Server as SocketServer } from 'socket.io';

/** Refuses everybody in the root namespace, which serves nothing, and ends connections that join no other. */
export function refuseRoot(io: SocketServer): void {
  const data = { code: 'namespace.unknown', message: 'Connect to a namespace such as /chat' };
  io.of('/').use((_socket, next) => next(Object.assign(new Error(data.message), { data })));
}
