import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { providePythonPackages } from '@infratraq/engines';
import { ChatClient } from '@infratraq/chat-client';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

const script = fileURLToPath(new URL('chat_client.py', import.meta.url));
const channel = 'project:1';

type Line = { answer?: unknown; heard?: string; payload?: Record<string, unknown> };

let server: TestServer;
let peer: ChatClient;
let python: ChildProcessWithoutNullStreams;
const lines: Line[] = [];
const waiting = new Set<() => void>();
let complaints = '';

beforeAll(async () => {
  const program = await providePythonPackages(
    { name: 'python-socketio-5.18.1', packages: ['python-socketio[client]==5.18.1'] },
    () => undefined,
  );
  server = await openTestServer();
  peer = new ChatClient(server.url, { token: await server.tokenOf('u-manager-1', ['member']) });
  python = spawn(program, [script, server.url]);
  python.stderr.on('data', (chunk) => (complaints += String(chunk)));
  python.on('exit', () => {
    for (const look of waiting) look();
  });
  createInterface({ input: python.stdout }).on('line', (line) => {
    lines.push(JSON.parse(line) as Line);
    for (const look of waiting) look();
  });
});
afterAll(async () => {
  peer.close();
  const ended = once(python, 'exit');
  python.stdin.end();
  python.kill();
  await ended;
  await server.close();
});

/** Takes the first line that fits, as soon as it is there. */
async function take(fits: (line: Line) => boolean): Promise<Line> {
  for (;;) {
    const place = lines.findIndex(fits);
    if (place >= 0) return lines.splice(place, 1)[0] as Line;
    if (python.exitCode !== null) throw new Error(complaints);
    await new Promise<void>((resolve) => {
      const look = () => {
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
    });
  }
}
const tell = async (command: object): Promise<unknown> => {
  python.stdin.write(`${JSON.stringify(command)}\n`);
  return (await take(({ answer }) => answer !== undefined)).answer;
};
const emit = (event: string, payload: object) => tell({ emit: event, payload });
const hear = async (event: string) => (await take(({ heard }) => heard === event)).payload;

it("Python's python-socketio joins, sends, hears, edits, and after an absence gets what it missed", async () => {
  const token = await server.tokenOf('u-engineer-1', ['member']);
  expect(await tell({ connect: token })).toBe('connected');
  expect(await emit('channel:join', { channel })).toMatchObject({ ok: true, latest_seq: 0 });
  await peer.join(channel);

  const sent = { channel, client_message_id: 'from-python', body: 'Straße gesperrt 🚧' };
  const answer = await emit('message:send', sent);
  expect(answer).toMatchObject({ ok: true, seq: 1, message: { sender_id: 'u-engineer-1' } });
  expect(await emit('message:send', sent)).toEqual(answer);
  expect(await hear('message:created')).toMatchObject({ seq: 1, body: sent.body });

  await peer.send({ channel, body: 'noted' });
  expect(await hear('message:created')).toMatchObject({ seq: 2, sender_id: 'u-manager-1', body: 'noted' });

  const { message_id } = answer as { message_id: string };
  expect(await emit('message:edit', { message_id, body: 'offen' })).toMatchObject({ ok: true });
  expect(await hear('message:updated')).toMatchObject({ message_id, body: 'offen', revision: 1 });
  expect(await emit('message:edit', { message_id: '$ne', body: 'x' })).toMatchObject({
    ok: false,
    error: { code: 'input.invalid' },
  });

  expect(await tell({ disconnect: true })).toBe('disconnected');
  for (const body of ['three', 'four']) await peer.send({ channel, body });
  await tell({ connect: token });
  const missed = (await emit('channel:join', { channel, after_seq: 2 })) as {
    messages: { seq: number; body: string }[];
  };
  expect(missed.messages.map(({ seq, body }) => [seq, body])).toEqual([
    [3, 'three'],
    [4, 'four'],
  ]);
});
