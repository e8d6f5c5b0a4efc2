import { InfratraqError, InvalidInputError } from '@infratraq/kernel';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { AttachmentScanner, ScanResult } from './attachment-scanner.js';

/** How to reach ClamAV's daemon. */
export interface ClamdOptions {
  /** `tcp://host:3310` or `unix:/run/clamav/clamd.ctl`. */
  readonly url: string;
  /** Silence after which a scan is given up, in milliseconds; two minutes when absent. */
  readonly timeoutMilliseconds?: number;
  /** What the daemon takes at most, its StreamMaxLength, in bytes; 100 MiB, the daemon's own default, when absent. */
  readonly maximumBytes?: number;
}

const chunkBytes = 256 * 1024;

/**
 * Scans with ClamAV's daemon, which gets the content as a stream.
 * @example
 * const scanner = createClamdScanner({ url: 'tcp://127.0.0.1:3310' });
 */
export function createClamdScanner({
  url,
  timeoutMilliseconds = 120_000,
  maximumBytes = 100 * 1024 * 1024,
}: ClamdOptions): AttachmentScanner {
  const address = parseAddress(url);
  return {
    async scan(content) {
      // Told where the content is read; until then, nobody else may be listening.
      content.on('error', () => undefined);
      const socket = connect(address);
      socket.setTimeout(timeoutMilliseconds, () => socket.destroy(new Error('It was silent for too long')));
      try {
        const answered = readAnswer(socket);
        // It is awaited later; a failure until then must not count as unhandled.
        answered.catch(() => undefined);
        await once(socket, 'connect');
        const sent = await Promise.race([sendContent(socket, content, maximumBytes), answered]);
        return sent === 'too-large' ? tooLarge : interpret(await answered);
      } catch (cause) {
        throw cause instanceof InfratraqError
          ? cause
          : new InfratraqError(
              'attachment.scanner-unavailable',
              `clamd at ${url} could not scan; check that it runs`,
              {
                status: 503,
                cause,
              },
            );
      } finally {
        socket.destroy();
        content.destroy();
      }
    },
  };
}

/**
 * Sends content in small chunks, but never more than the daemon takes: it hangs up on more, and a connection that is
 * reset can lose the answer that says why.
 */
async function sendContent(
  socket: Socket,
  content: Readable,
  maximumBytes: number,
): Promise<'sent' | 'too-large'> {
  let sentBytes = 0;
  socket.write('zINSTREAM\0');
  for await (const piece of content) {
    sentBytes += (piece as Buffer).length;
    if (sentBytes > maximumBytes) return 'too-large';
    for (let start = 0; start < (piece as Buffer).length; start += chunkBytes) {
      const chunk = (piece as Buffer).subarray(start, start + chunkBytes);
      socket.write(lengthOf(chunk.length));
      if (!socket.write(chunk)) await once(socket, 'drain');
    }
  }
  socket.write(lengthOf(0));
  return 'sent';
}

async function readAnswer(socket: Socket): Promise<string> {
  let answer = '';
  for await (const chunk of socket) {
    answer += (chunk as Buffer).toString('latin1');
    const end = answer.indexOf('\0');
    if (end >= 0) return answer.slice(0, end);
  }
  throw new Error(`It ended without an answer: ${JSON.stringify(answer)}`);
}

const engine = 'clamav';
const tooLarge: ScanResult = { verdict: 'unscannable', engine, signature: 'larger than the scanner takes' };

function interpret(answer: string): ScanResult {
  if (answer === 'stream: OK') return { verdict: 'clean', engine };
  const found = /^stream: (.+) FOUND$/.exec(answer)?.[1];
  if (found !== undefined) return { verdict: 'infected', engine, signature: found.slice(0, 200) };
  if (/size limit exceeded/i.test(answer)) return tooLarge;
  throw new Error(`It answered ${JSON.stringify(answer)}`);
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}

function parseAddress(url: string): { host: string; port: number } | { path: string } {
  const path = /^unix:(?:\/\/)?(\/.+)$/.exec(url)?.[1];
  if (path !== undefined) return { path };
  const [, host, port] = /^tcp:\/\/(\[[0-9a-fA-F:]+\]|[^/:]+):(\d{1,5})\/?$/.exec(url) ?? [];
  if (host === undefined || port === undefined)
    throw new InvalidInputError('clamd is addressed as tcp://host:port or unix:/path', {
      code: 'attachment.scanner-url',
    });
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}
