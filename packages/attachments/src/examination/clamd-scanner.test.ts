import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { createClamdScanner } from './clamd-scanner.js';

/** Answers as clamd's manual says, once the stream's closing chunk of length zero has come. */
async function answering(answer: string) {
  const server = createServer((socket) => {
    const received: Buffer[] = [];
    socket.on('data', (chunk) => {
      received.push(chunk);
      const all = Buffer.concat(received);
      if (all.subarray(-4).equals(Buffer.alloc(4)) && all.length > 14) socket.end(answer);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('a scan by clamd', () => {
  it.each([
    ['stream: OK\0', { verdict: 'clean', engine: 'clamav' }],
    ['stream: Win.Test FOUND\0', { verdict: 'infected', engine: 'clamav', signature: 'Win.Test' }],
    ['INSTREAM size limit exceeded. ERROR\0', { verdict: 'unscannable' }],
  ])('understands %j', async (answer, result) => {
    const { server, url } = await answering(answer);
    const content = Readable.from([Buffer.from('some'), Buffer.from('content')]);
    expect(await createClamdScanner({ url }).scan(content)).toMatchObject(result);
    server.close();
  });

  it.each(['stream: Can’t allocate memory ERROR\0', '', 'stream: OK', 'something else\0'])(
    'takes nothing for clean when the answer is %j',
    async (answer) => {
      const { server, url } = await answering(answer);
      await expect(createClamdScanner({ url }).scan(Readable.from([Buffer.from('x')]))).rejects.toMatchObject(
        {
          code: 'attachment.scanner-unavailable',
        },
      );
      server.close();
    },
  );

  it('gives up when the daemon is silent', async () => {
    const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const scanner = createClamdScanner({ url, timeoutMilliseconds: 50 });
    await expect(scanner.scan(Readable.from([Buffer.from('x')]))).rejects.toMatchObject({
      code: 'attachment.scanner-unavailable',
    });
    server.close();
  });

  it.each(['http://x', 'tcp://x', 'clamd', 'unix:relative'])('has no address like %j', (url) => {
    expect(() => createClamdScanner({ url })).toThrow(
      expect.objectContaining({ code: 'attachment.scanner-url' }),
    );
  });
});
