import { afterEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import Fastify, { type FastifyInstance } from 'fastify';
import { z } from 'zod';
import { registerTransport, defineRoutes } from './index.js';
import { lingerOnClose, type LingerLimits } from './linger-on-close.js';

let app: FastifyInstance;
let client: Socket;
afterEach(async () => {
  client.destroy();
  await app.close();
});

/** Sends the head of a request; gives back the server's end of the connection. */
async function begin(contentLength: number): Promise<Socket> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  const accepted = once(app.server, 'connection') as Promise<[Socket]>;
  const { port } = app.server.address() as AddressInfo;
  client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  client.on('error', () => undefined);
  const [socket] = await accepted;
  const head = ['POST /notes HTTP/1.1', 'host: x', 'content-type: application/json'];
  client.write([...head, `content-length: ${contentLength}`, '', ''].join('\r\n'));
  return socket;
}
const drainedOrClosed = () =>
  new Promise<void>((resolve) => {
    const settle = () => {
      client.off('drain', settle).off('close', settle);
      resolve();
    };
    client.on('drain', settle).on('close', settle);
  });
/** Sends without reading, as browsers do; says whether the server took it all. */
async function send(bytes: number): Promise<boolean> {
  const piece = Buffer.alloc(65_536, 'x');
  for (let sent = 0; sent < bytes; sent += piece.length) {
    const isTaken = client.write(piece.subarray(0, bytes - sent));
    if (!isTaken) await drainedOrClosed();
    if (client.destroyed) return false;
  }
  return true;
}
/** A server that refuses whatever is larger than its body limit. */
function refuse(limits: LingerLimits): void {
  app = Fastify({ bodyLimit: 1_000 });
  app.addHook('onRequest', async ({ raw }) => lingerOnClose(raw, limits));
  app.post('/notes', async () => 'noted');
}

it('who sends all of a refused body before they read learns why, and the connection is closed', async () => {
  app = Fastify({ bodyLimit: 1_000 });
  await app.register(registerTransport, { authenticate: async () => ({ user_id: 'ada', roles: [] }) });
  const notes = defineRoutes(async (routes) => {
    routes.post('/notes', { config: { public: true }, schema: { body: z.string() } }, async () => 'noted');
  });
  await app.register(notes);
  const bytes = 20 * 1024 * 1024;
  await begin(bytes);
  expect(await send(bytes)).toBe(true);
  const answer = await text(client);
  expect(answer).toMatch(/^HTTP\/1.1 413 /);
  expect(answer).toMatch(/^connection: close/im);
  expect(answer).toContain('"status":413');
});

it('no more than so many bytes are read behind the answer', async () => {
  refuse({ bytes: 1_000_000, milliseconds: 600_000 });
  await begin(1e12);
  expect(await send(1e12)).toBe(false);
});

it('who sends nothing more is not waited for longer than that', async () => {
  refuse({ bytes: 1e12, milliseconds: 1 });
  const closed = once(await begin(1e12), 'close');
  expect(await text(client)).toMatch(/^HTTP\/1.1 413 /);
  await closed;
});
