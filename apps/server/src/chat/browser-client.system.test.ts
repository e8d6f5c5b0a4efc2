import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ChatClient, type createWebOutboxStorage } from '@infratraq/chat-client';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { bundleChatClient } from '../testing/bundle-chat-client.js';
import { chromiumFlags } from '../testing/chromium-flags.js';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

const channel = 'project:1';

let server: TestServer;
let peer: ChatClient;
let browser: BrowserContext;
let page: Page;
let script: string;
let profile: string;
let link: Server;
const wires = new Set<Socket>();
let isCut = false;

beforeAll(async () => {
  server = await openTestServer();
  // The browser's way to the server. It can be cut for chat; pages still come, as from a cache.
  link = createServer((near) => {
    const far = connect(Number(new URL(server.url).port), '127.0.0.1');
    for (const wire of [near, far]) {
      wires.add(wire);
      wire.on('error', () => undefined).on('close', () => [near, far].forEach((end) => end.destroy()));
    }
    near.once('data', (head: Buffer) => {
      if (isCut && head.includes('/socket.io/')) return void near.destroy();
      far.write(head);
      near.pipe(far).pipe(near);
    });
  }).listen(0, '127.0.0.1');
  await once(link, 'listening');
  profile = await mkdtemp(join(tmpdir(), 'infratraq-chromium-'));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: chromiumFlags,
    bypassCSP: true,
  });
  peer = new ChatClient(server.url, { token: await server.tokenOf('u-manager-1', ['member']) });
  script = await bundleChatClient();
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(link.address() as AddressInfo).port}/`);
  await page.addScriptTag({ content: script });
});
afterAll(async () => {
  peer.close();
  await browser.close();
  for (const wire of wires) wire.destroy();
  link.close();
  await server.close();
  await rm(profile, { recursive: true });
});

/** What the page keeps for the test; the functions below run in the page. */
interface ChatPage {
  location: { origin: string };
  infratraqChat: { ChatClient: typeof ChatClient; createWebOutboxStorage: typeof createWebOutboxStorage };
  client: ChatClient;
  shown: string[];
  sending: Promise<unknown>;
}

const bodiesInPage = () =>
  page.evaluate((name) => {
    const { client } = globalThis as unknown as ChatPage;
    return client.messages(name).map(({ seq, body }) => `${seq} ${body}`);
  }, channel);
const waitForConnection = (wanted: boolean) =>
  page.waitForFunction((state) => (globalThis as unknown as ChatPage).client.connected === state, wanted);

const cutLink = async () => {
  isCut = true;
  for (const wire of wires) wire.destroy();
  await waitForConnection(false);
};

it('the client in Chromium sends, queues while offline, and catches up with what it missed', async () => {
  const token = await server.tokenOf('u-engineer-1', ['member']);
  await page.evaluate((secret) => {
    const chat = globalThis as unknown as ChatPage;
    chat.client = new chat.infratraqChat.ChatClient(chat.location.origin, {
      token: secret,
      reconnectMilliseconds: 200,
    });
    chat.shown = [];
    chat.client.on('message:created', ({ body }) => chat.shown.push(body));
  }, token);
  await waitForConnection(true);
  await page.evaluate((name) => (globalThis as unknown as ChatPage).client.join(name), channel);
  await peer.join(channel);
  const heardByPeer = new Promise((resolve) => peer.on('message:created', resolve));
  await page.evaluate(
    (name) => (globalThis as unknown as ChatPage).client.send({ channel: name, body: 'from Chromium' }),
    channel,
  );
  expect(await heardByPeer).toMatchObject({ seq: 1, sender_id: 'u-engineer-1', body: 'from Chromium' });

  await cutLink();
  const pending = await page.evaluate((name) => {
    const chat = globalThis as unknown as ChatPage;
    chat.sending = Promise.all(['a', 'b', 'c'].map((body) => chat.client.send({ channel: name, body })));
    return chat.client.pending(name).map(({ body }) => body);
  }, channel);
  expect(pending).toEqual(['a', 'b', 'c']);
  for (const body of ['meanwhile one', 'meanwhile two']) await peer.send({ channel, body });

  isCut = false;
  await page.evaluate(() => (globalThis as unknown as ChatPage).sending);
  await page.waitForFunction(
    (name) => (globalThis as unknown as ChatPage).client.messages(name).length === 6,
    channel,
  );
  const wanted = ['1 from Chromium', '2 meanwhile one', '3 meanwhile two', '4 a', '5 b', '6 c'];
  expect(await bodiesInPage()).toEqual(wanted);
  const shown = await page.evaluate(() => (globalThis as unknown as ChatPage).shown);
  expect(shown).toEqual(wanted.map((line) => line.slice(2)));
});

it('what was written before a reload of the page is sent after it, in order and once', async () => {
  const token = await server.tokenOf('u-engineer-1', ['member']);
  const openClient = () =>
    page.evaluate(
      ([secret, name]) => {
        const chat = globalThis as unknown as ChatPage;
        const { ChatClient, createWebOutboxStorage } = chat.infratraqChat;
        chat.client = new ChatClient(chat.location.origin, {
          token: secret,
          reconnectMilliseconds: 200,
          outboxStorage: createWebOutboxStorage('u-engineer-1'),
        });
        return chat.client.pending(name).map(({ body }) => body);
      },
      [token, channel] as const,
    );
  const reload = async () => {
    await page.reload();
    await page.addScriptTag({ content: script });
  };
  await peer.join(channel);
  const heard: string[] = [];
  const ended = new Promise<void>((resolve) =>
    peer.on('message:created', ({ body }) => {
      heard.push(body);
      if (body === 'the end') resolve();
    }),
  );
  await reload();
  expect(await openClient()).toEqual([]);
  await waitForConnection(true);
  await cutLink();
  await page.evaluate((name) => {
    const { client } = globalThis as unknown as ChatPage;
    for (const body of ['unsent one', 'unsent two']) void client.send({ channel: name, body });
  }, channel);
  await reload();
  expect(await openClient()).toEqual(['unsent one', 'unsent two']);

  isCut = false;
  await page.waitForFunction(
    (name) => (globalThis as unknown as ChatPage).client.pending(name).length === 0,
    channel,
  );
  await peer.send({ channel, body: 'the end' });
  await ended;
  expect(heard).toEqual(['unsent one', 'unsent two', 'the end']);
  await reload();
  expect(await openClient()).toEqual([]);
});
