import { connect } from 'node:net';

/** What a server answered to bytes that no well-behaved client sends. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: string;
  readonly code: string | undefined;
  /** How much of the request was sent until the server had enough. */
  readonly sentBytes: number;
}

/**
 * Sends bytes as they are, piece by piece, until they end, the server answers or closes. With `isCut` the connection is
 * closed behind them; with `readsLate` the answer is read only when all are sent, as browsers do.
 */
export async function sendRaw(
  url: string,
  head: readonly string[],
  pieces: Iterable<string | Uint8Array>,
  { isCut = false, readsLate = false }: { isCut?: boolean; readsLate?: boolean } = {},
): Promise<RawAnswer> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  const received: Buffer[] = [];
  let ended = false;
  const read = () => socket.on('data', (chunk: Buffer) => received.push(chunk));
  if (!readsLate) read();
  // A server that has answered closes, and what is still on the way meets a closed door.
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    for (const end of ['end', 'close', 'error']) socket.once(end, () => resolve());
  }).then(() => void (ended = true));
  const next = (event: string) =>
    Promise.race([new Promise((resolve) => socket.once(event, resolve)), closed]);
  await next('connect');
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  let sentBytes = 0;
  for (const piece of pieces) {
    if (ended || received.length > 0 || socket.destroyed) break;
    sentBytes += piece.length;
    if (!socket.write(piece)) await next('drain');
  }
  if (readsLate) read();
  if (isCut) socket.end();
  while (!isWhole(Buffer.concat(received).toString()) && !ended) await next('data');
  socket.destroy();
  const [headers = '', body = ''] = Buffer.concat(received).toString().split('\r\n\r\n');
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(headers) ?? [];
  return { status: Number(status), headers, code: /"code":"([^"]*)"/.exec(body)?.[1], sentBytes };
}

function isWhole(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n');
  const length = /^content-length: (\d+)/im.exec(answer)?.[1];
  return end >= 0 && Buffer.byteLength(answer.slice(end + 4)) >= Number(length ?? 0);
}
