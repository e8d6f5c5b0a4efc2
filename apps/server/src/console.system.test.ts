import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chromiumFlags } from './testing/chromium-flags.js';
import { ConsolePage } from './testing/console-page.js';
import { store } from '@infratraq/store';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { openTestServer, type TestServer } from './testing/open-test-server.js';

describe('the console in Chromium', () => {
  let server: TestServer;
  let browser: BrowserContext;
  let profile: string;
  const complaints: string[] = [];

  beforeAll(async () => {
    server = await openTestServer();
    profile = await mkdtemp(join(tmpdir(), 'infratraq-chromium-'));
    browser = await chromium.launchPersistentContext(profile, {
      executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
      args: chromiumFlags,
    });
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await rm(profile, { recursive: true });
  });

  const open = async (): Promise<ConsolePage> => {
    const page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    const shown = new ConsolePage(page);
    await shown.open(server.url);
    return shown;
  };

  it('shows every collection in its category and counts that move', async () => {
    const shown = await open();
    expect((await shown.rows()).length).toBe(store.collections.length);
    expect((await shown.categories()).length).toBe(10);
    const before = await shown.documentsOf('entity_changelog');
    await server.postgres.pool.query(`update work_orders set priority = priority where work_order_id <= 20`);
    await shown.waitForDocuments('entity_changelog', before + 20);
    expect(complaints).toEqual([]);
  });

  it('lets an operator take a collection into maintenance, and shows why a transition is refused', async () => {
    const shown = await open();
    await shown.openDetail('search_query_log');
    expect(await shown.transition('maintenance', 'a rebuild of indexes')).toBeNull();
    await shown.closeDetail();
    await shown.waitForState('search_query_log', 'maintenance');
  });
});
