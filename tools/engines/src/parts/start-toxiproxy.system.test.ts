import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { startToxiproxy, type FaultyLink, type Toxiproxy } from '../index.js';

describe('a faulty link', () => {
  let toxiproxy: Toxiproxy;
  let echo: Server;
  let link: FaultyLink;

  beforeAll(async () => {
    echo = createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket));
    echo.listen(0, '127.0.0.1');
    await once(echo, 'listening');
    toxiproxy = await startToxiproxy();
    link = await toxiproxy.link((echo.address() as AddressInfo).port);
  }, 180_000);

  afterAll(async () => {
    await toxiproxy.stop();
    echo.close();
  });

  async function ask(): Promise<string> {
    const socket = connect(link.port, '127.0.0.1');
    socket.write('hello');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return answer.toString();
  }

  it('passes everything on until it is cut, and again once it is restored', async () => {
    expect(await ask()).toBe('hello');
    await link.cut();
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await link.restore();
    expect(await ask()).toBe('hello');
  });

  it('resets connections while it is told to', async () => {
    const heal = await link.poison('downstream', { type: 'reset_peer', attributes: { timeout: 0 } });
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNRESET' });
    await heal();
    expect(await ask()).toBe('hello');
  });
});
