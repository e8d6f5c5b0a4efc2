import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './make-certificate.js';

/** An answer of a stand-in. */
export interface ProviderAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A request, read whole. */
export interface ProviderRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A server that stands in for a provider, on a free port of loopback. */
export interface ProviderServer {
  readonly port: number;
  /** How many clients are connected. */
  connections(): number;
  /** Refuses connections until `comeBack`. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a stand-in over HTTP, or over TLS where it has a certificate. */
export async function startProviderServer(
  answer: (request: ProviderRequest) => Promise<ProviderAnswer> | ProviderAnswer,
  certificate?: Certificate,
): Promise<ProviderServer> {
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    respond(request, response, answer).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  };
  const server = certificate ? createHttpsServer(certificate, serve) : createHttpServer(serve);
  let connected = 0;
  server.on(certificate ? 'secureConnection' : 'connection', (socket) => {
    connected += 1;
    socket.once('close', () => (connected -= 1));
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const goAway = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  const port = await listen(0);
  return {
    port,
    connections: () => connected,
    goAway,
    comeBack: async () => void (await listen(port)),
    close: goAway,
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: ProviderRequest) => Promise<ProviderAnswer> | ProviderAnswer,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = 'GET', url = '/', headers } = request;
  const {
    status,
    headers: answered,
    body,
  } = await answer({
    method,
    url: new URL(url, `http://${headers.host}`),
    headers,
    body: Buffer.concat(chunks),
  });
  const isText = typeof body === 'string' || body === undefined;
  response.writeHead(status, { ...(!isText && { 'content-type': 'application/json' }), ...answered });
  response.end(isText ? body : JSON.stringify(body));
}
