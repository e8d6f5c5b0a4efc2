import { problem, problemMediaType, problemOf } from '@infratraq/transport';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** As Node.js bounds the line and the headers of a request. */
export const longestUrlBytes = 16 * 1024;

/** Answers a URL that the router cannot read, before any route is found for it. */
export function refuseUrl(error: Error, _request: FastifyRequest, reply: FastifyReply): void {
  const answer = problemOf(error);
  void reply.status(answer.status).type(problemMediaType).send(JSON.stringify(answer));
}

interface ClientError extends Error {
  readonly code?: string;
  readonly rawPacket?: Buffer;
}

/** Answers bytes that are no HTTP request, one that is too long or too slow, and closes the connection. */
export function refuseUnreadable(error: Error, socket: Socket): void {
  const { code, rawPacket } = error as ClientError;
  if (socket.destroyed || code === 'ECONNRESET') return;
  // As Node.js does itself: nothing is written into an answer that is on its way.
  const { _httpMessage: answering } = socket as Socket & { _httpMessage?: ServerResponse };
  if (!socket.writable || answering?.headersSent) return void socket.destroy(error);
  const answer = describe(code, rawPacket);
  const body = JSON.stringify(answer);
  socket.end(
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\nconnection: close\r\n` +
      `content-type: ${problemMediaType}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function describe(code: string | undefined, rawPacket: Buffer | undefined) {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return problem(408, 'request.timeout', 'The request did not arrive in time; send it again');
  if (code !== 'HPE_HEADER_OVERFLOW')
    return problem(400, 'request.unreadable', 'This is no HTTP request that can be read');
  const lineBytes = rawPacket?.indexOf('\r\n') ?? -1;
  return lineBytes >= 0 && lineBytes < longestUrlBytes
    ? problem(431, 'request.headers-too-large', 'The headers are larger than 16 KiB together')
    : problem(414, 'request.url', 'The URL is longer than 16 KiB');
}
