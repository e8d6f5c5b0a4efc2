import type { IncomingMessage } from 'node:http';

/** How much of a refused request is still read, so that its sender gets to read why. */
export interface LingerLimits {
  readonly bytes: number;
  readonly milliseconds: number;
}

const defaultLimits: LingerLimits = { bytes: 100 * 1024 * 1024, milliseconds: 10_000 };
const checkMilliseconds = 100;

/**
 * Has a request's connection, where it is closed behind an answer to a body that is still on its way, closed in two
 * steps (RFC 9112, 9.6): nothing more is written, and what comes is dropped, until the body ends, its sender closes, or
 * the limits are reached. Closed at once, the connection would be reset, and the reset may overtake the answer.
 */
export function lingerOnClose(request: IncomingMessage, limits: LingerLimits = defaultLimits): void {
  const { socket } = request;
  // Node calls this behind an answer with `connection: close`; the next request on the connection has its own.
  socket.destroySoon = () => {
    Reflect.deleteProperty(socket, 'destroySoon');
    if (request.complete || socket.destroyed) return socket.destroySoon();
    const end = { bytes: socket.bytesRead + limits.bytes, at: performance.now() + limits.milliseconds };
    const check = setInterval(() => {
      if (socket.bytesRead > end.bytes || performance.now() > end.at) socket.destroy();
    }, checkMilliseconds);
    socket.once('close', () => clearInterval(check));
    socket.end();
    request.once('end', () => socket.destroySoon());
    // Whatever was reading the body has given up on it, and would hold it back.
    request.unpipe().removeAllListeners('data').resume();
  };
}
