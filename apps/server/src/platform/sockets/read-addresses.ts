import proxyAddress from '@fastify/proxy-addr';
import type { Server as SocketServer } from 'socket.io';
import type { TrustProxy } from '../trusted-proxies.js';

/** Gives sockets the address of their client as HTTP requests have it: that of a trusted proxy is looked through. */
export function readAddresses(io: SocketServer, trust: TrustProxy): void {
  io.on('new_namespace', (namespace) =>
    namespace.use((socket, next) => {
      socket.handshake.address = proxyAddress(socket.request, trust);
      next();
    }),
  );
}
