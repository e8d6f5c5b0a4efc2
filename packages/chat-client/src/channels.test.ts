import type { Channel } from '@infratraq/chat-wire';
import { eventually } from '@infratraq/engines';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ChannelApi } from './channel-api.js';
import { ChannelFollower } from './channel-follower.js';
import type { ChatClientEvents } from './chat-client-options.js';
import { EventListeners } from './event-listeners.js';
import { userOfToken } from './user-of-token.js';

const channel = (channel_id: string, more: Partial<Channel> = {}): Channel => ({
  channel_id,
  kind: 'group',
  title: channel_id,
  entity_type: null,
  entity_id: null,
  created_by: 'ada',
  created_at: '2026-01-01T00:00:00.000Z',
  archived_at: null,
  members_by_scope: false,
  muted: false,
  role: 'member',
  latest_seq: 0,
  read_seq: 0,
  unread_count: 0,
  last_message: null,
  ...more,
});
const message = (seq: number) => ({ channel: 'a', seq, revision: 0, body: `${seq}` }) as never;

let server: Server;
let apiUrl: string;
let asked: string[];
let waiting: ServerResponse[];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    waiting.push(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked = [];
  waiting = [];
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const answer = (body: unknown, status = 200, headers = {}): void => {
  const type = { 'content-type': 'application/json', ...headers };
  waiting.shift()?.writeHead(status, type).end(JSON.stringify(body));
};
const until = (ask: () => boolean) => eventually(ask, Boolean);
function open() {
  const listeners = new EventListeners<ChatClientEvents>();
  const api = new ChannelApi({ apiUrl, token: 'opaque', userId: 'ada', answerMilliseconds: 5_000 });
  const follower = new ChannelFollower(api, listeners, 10);
  const told: number[] = [];
  listeners.on('channels:changed', ({ channels }) => told.push(channels.length));
  return { api, follower, listeners, told };
}

it('an answer that is older than an event does not undo it', async () => {
  const { follower } = open();
  const begun = follower.begin();
  await until(() => waiting.length === 1);
  follower.take((copies) => copies.remove('gone'));
  follower.takeMessage(message(3));
  answer({ items: [channel('a', { latest_seq: 2, unread_count: 1 }), channel('gone')], next_cursor: null });
  await begun;
  expect(follower.all).toEqual([channel('a', { latest_seq: 3, unread_count: 2, last_message: message(3) })]);
});

it('reads every page, asks again where it may have missed something meanwhile, and tells only of changes', async () => {
  const { follower, told } = open();
  const begun = follower.begin();
  await until(() => waiting.length === 1);
  follower.loadSoon();
  answer({ items: [channel('a')], next_cursor: 'next page' });
  await until(() => waiting.length === 1);
  answer({ items: [channel('b')], next_cursor: null });
  await until(() => waiting.length === 1);
  answer({ items: [channel('a'), channel('b')], next_cursor: null });
  await begun;
  expect(asked).toEqual([
    'GET /channels?archived=false&limit=100',
    'GET /channels?archived=false&limit=100&cursor=next+page',
    'GET /channels?archived=false&limit=100',
  ]);
  expect(told).toEqual([2]);
});

it('tries again after a failure, and drops a channel that it may no longer read', async () => {
  const { follower, listeners } = open();
  const failed: unknown[] = [];
  listeners.on('sync:failed', ({ error }) => failed.push(error));
  const begun = follower.begin();
  await until(() => waiting.length === 1);
  answer({ items: [channel('a')], next_cursor: null });
  await begun;
  follower.loadSoon();
  await until(() => waiting.length === 1);
  answer({ code: 'database.unavailable', detail: 'Try again' }, 503, { 'retry-after': '0' });
  await until(() => waiting.length === 1);
  expect(failed).toMatchObject([{ code: 'database.unavailable', retryAfterMilliseconds: 0 }]);
  answer({ items: [channel('a')], next_cursor: null });
  follower.readSoon('a');
  await until(() => waiting.length === 1);
  answer({ code: 'channel.forbidden', detail: 'No' }, 403);
  await until(() => follower.all.length === 0);
  follower.close();
});

it.each([
  ['an opaque one', 'opaque', undefined],
  ['one of another shape', `a.${btoa('{}')}.c`, undefined],
  ['a JSON Web Token', `a.${Buffer.from('{"sub":"ümit 👷"}').toString('base64url')}.c`, 'ümit 👷'],
])('the user of a token: %s', (_name, token, user) => {
  expect(userOfToken(token)).toBe(user);
});
