import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { providePythonPackages } from '@infratraq/engines';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { embeddedDatabases, openTestServer, type TestServer } from '../testing/open-test-server.js';

const script = fileURLToPath(new URL('newcomer.py', import.meta.url));
let server: TestServer;
let program: string;

beforeAll(async () => {
  program = await providePythonPackages(
    { name: 'python-socketio-5.18.1', packages: ['python-socketio[client]==5.18.1'] },
    () => undefined,
  );
  server = await openTestServer(embeddedDatabases);
});
afterAll(() => server.close());

it('with two development tokens, a channel is made, shared, chatted in and left, by HTTP and Socket.IO alone', async () => {
  const { stdout } = await promisify(execFile)(program, [script, server.url]);
  expect(JSON.parse(stdout)).toEqual({
    joined: [true, false, true],
    invited: 'noor',
    seq: 1,
    received: 'Is the drill here? 🚧',
    unread: ['Tunnel', 1, 'Is the drill here? 🚧'],
    left: 'noor',
    refused: 'channel.forbidden',
    archived: { archived: true },
  });
});
