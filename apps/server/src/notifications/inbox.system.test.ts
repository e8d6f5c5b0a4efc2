import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { openTestServer, type TestServer } from '../testing/open-test-server.js';

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];
const client = join(
  createRequire(import.meta.url).resolve('socket.io-client/package.json'),
  '../dist/socket.io.min.js',
);

describe('the inbox in Chromium', () => {
  let server: TestServer;
  let browser: BrowserContext;
  let profile: string;

  beforeAll(async () => {
    server = await openTestServer();
    profile = await mkdtemp(join(tmpdir(), 'infratraq-chromium-'));
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
      args: [...flags, ...quiet],
      // The page's policy admits no scripts but its own; this one is the test's.
      bypassCSP: true,
    });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await rm(profile, { recursive: true });
  });

  /** A page of a user that keeps what its socket is told in `told`. */
  async function openPage(user: string) {
    const page = await browser.newPage();
    await page.goto(`${server.url}/health/live`);
    await page.addScriptTag({ path: client });
    await page.evaluate(
      async (token) => {
        const told: [string, unknown][] = [];
        const { io } = globalThis as unknown as { io(url: string, options: object): Socket };
        interface Socket {
          onAny(listen: (event: string, payload: unknown) => void): void;
          once(event: string, listen: () => void): void;
        }
        const socket = io('/notifications', { auth: { token } });
        socket.onAny((event, payload) => told.push([event, payload]));
        Object.assign(globalThis, { told });
        await new Promise<void>((resolve) => socket.once('connect', resolve));
      },
      await server.tokenOf(user, ['member']),
    );
    return page;
  }

  it('is told at once of what comes, and nobody else is', async () => {
    const [engineer, other] = [await openPage('u-engineer-1'), await openPage('u-operator-1')];
    const operator = await server.as('u-operator-1', 'operator');
    await operator('POST', '/notifications', {
      to: { users: ['u-engineer-1'] },
      type: 'notice.posted',
      data: { title: 'Bridge closed', body: 'Until noon', url: '/bridges/1' },
    });
    const handle = await engineer.waitForFunction(() => {
      const { told } = globalThis as unknown as { told: [string, { title?: string }][] };
      return told.find(([event]) => event === 'notification:created')?.[1];
    });
    expect(await handle.jsonValue()).toMatchObject({
      type: 'notice.posted',
      title: 'Bridge closed',
      body: 'Until noon',
      url: '/bridges/1',
    });
    await operator('POST', '/notifications', {
      to: { users: ['u-operator-1'] },
      type: 'notice.posted',
      data: { title: 'For you alone', body: 'Until noon' },
    });
    const others = await other.waitForFunction(() => {
      const { told } = globalThis as unknown as { told: [string, { title?: string }][] };
      const titles = told.filter(([event]) => event === 'notification:created').map(([, { title }]) => title);
      return titles.length > 0 && titles;
    });
    expect(await others.jsonValue()).toEqual(['For you alone']);
  });
});
