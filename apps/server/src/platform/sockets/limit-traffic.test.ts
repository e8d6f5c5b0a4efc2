import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server as SocketServer } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import { limitTraffic } from './limit-traffic.js';

let http: Server;
let server: SocketServer;
let received: number;
const warnings: unknown[] = [];
const sockets: Socket[] = [];

beforeEach(async () => {
  http = createServer();
  server = new SocketServer(http);
  received = 0;
  const limits = { packets: { burst: 20, perSecond: 10 }, bytes: { burst: 10_000, perSecond: 1_000 } };
  limitTraffic(server, { warn: (line: unknown) => void warnings.push(line) }, limits);
  server.of('/any').on('connection', (socket) => socket.onAny(() => (received += 1)));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.disconnect();
  await server.close();
});

async function connect(transport: 'websocket' | 'polling'): Promise<Socket> {
  const { port } = http.address() as AddressInfo;
  const socket = io(`http://127.0.0.1:${port}/any`, { transports: [transport], reconnection: false });
  sockets.push(socket);
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return socket;
}
const lost = (socket: Socket) => new Promise((resolve) => socket.once('disconnect', resolve));

it.each(['websocket', 'polling'] as const)('closes a %s that sends too often', async (transport) => {
  const socket = await connect(transport);
  const gone = lost(socket);
  for (let sent = 0; sent < 200; sent += 1) socket.emit('any');
  await gone;
  expect(received).toBeLessThanOrEqual(20);
  expect(warnings.length).toBeGreaterThan(0);
});

it.each(['websocket', 'polling'] as const)('closes a %s that sends too much', async (transport) => {
  const socket = await connect(transport);
  const gone = lost(socket);
  for (let sent = 0; sent < 5; sent += 1) socket.emit('any', 'x'.repeat(3_000));
  await gone;
  expect(received).toBeLessThanOrEqual(3);
});

it('leaves a socket alone that keeps to its budgets', async () => {
  const socket = await connect('websocket');
  for (let sent = 0; sent < 10; sent += 1)
    await new Promise((resolve) => setTimeout(resolve, socket.emit('any') && 20));
  expect(socket.connected).toBe(true);
  expect(received).toBe(10);
});
