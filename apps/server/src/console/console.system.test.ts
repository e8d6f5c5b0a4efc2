import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@infratraq/engines';
import { store } from '@infratraq/store';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { chromiumFlags } from '../testing/chromium-flags.js';
import { keepConsoleLetters, refusedLetter } from '../testing/console-letters.js';
import { ConsolePage } from '../testing/console-page.js';
import { consoleScreens } from '../testing/console-screens.js';
import { embeddedDatabases, openTestServer, type TestServer } from '../testing/open-test-server.js';

describe('the console in Chromium', () => {
  let server: TestServer;
  let browser: BrowserContext;
  let profile: string;

  beforeAll(async () => {
    server = await openTestServer(embeddedDatabases);
    await keepConsoleLetters(server);
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

  // Pages that are left open go on asking. Without any page, the browser would end.
  afterEach(
    async () =>
      void (await Promise.all(
        browser
          .pages()
          .slice(1)
          .map((page) => page.close()),
      )),
  );

  const newPage = async () => new ConsolePage(await browser.newPage());
  const open = async (path = '/', roles?: readonly string[]): Promise<ConsolePage> => {
    const shown = await newPage();
    await shown.open(new URL(path, server.url).href, roles);
    return shown;
  };
  const openStore = async () => {
    const shown = await open();
    await shown.page.getByTestId('collection-row').first().waitFor();
    return shown;
  };

  describe.each(consoleScreens)('the screen $path', ({ path, title, ready, useByKeyboard }) => {
    const openScreen = async () => {
      const shown = await open(path);
      await shown.page.getByTestId(ready).first().waitFor();
      return shown;
    };

    it('loads without complaint, and without barriers in light and dark', async () => {
      const shown = await openScreen();
      expect(await shown.page.title()).toBe(`${title} · InfraTraq`);
      for (const scheme of ['light', 'dark'] as const) expect(await shown.findBarriersIn(scheme)).toEqual([]);
      expect(shown.complaints).toEqual([]);
    });

    it('works by keyboard', async () => {
      const shown = await openScreen();
      expect(await shown.findUnreachable()).toEqual([]);
      await useByKeyboard(shown);
      expect(shown.complaints).toEqual([]);
    });
  });

  it('has every area of the navigation among the screens that are tested', async () => {
    const { page } = await open('/', ['admin']);
    const areas = await page
      .getByTestId('area')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    expect(consoleScreens.map((screen) => screen.path)).toEqual(expect.arrayContaining(areas));
  });

  it('moves the focus and the title along with the navigation, and skips to the content', async () => {
    const { page } = await openStore();
    const focused = () => page.evaluate<string>('document.activeElement?.id');
    await page.getByTestId('area').filter({ hasText: 'Audit' }).click();
    await page.getByTestId('change-row').first().waitFor();
    expect(await focused()).toBe('main');
    expect(await page.title()).toBe('Audit trail · InfraTraq');
    await page.goBack();
    await page.getByTestId('collection-row').first().waitFor();
    expect(await page.title()).toBe('Store · InfraTraq');
    await page.reload();
    await page.getByTestId('collection-row').first().waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('main');
    expect(await page.getAttribute('html', 'lang')).toBe('en');
  });

  it('follows the colours of the system until they are switched', async () => {
    const { page } = await openStore();
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
    await page.getByTestId('color-scheme').click();
    await page.locator('html[data-mantine-color-scheme="light"]').waitFor();
    await page.reload();
    await page.locator('html[data-mantine-color-scheme="light"]').waitFor();
    await page.evaluate(() => localStorage.clear());
  });

  it('says that there is no such page, also for a path that only the server could know', async () => {
    const shown = await open('/no-such/page');
    await shown.page.getByTestId('no-such-page').waitFor();
    expect(await shown.findBarriers()).toEqual([]);
    const answer = await fetch(new URL('/no-such/page', server.url));
    expect(answer.status).toBe(404);
  });

  describe('signing in', () => {
    it('asks without barriers in light and dark', async () => {
      const shown = await newPage();
      await shown.page.goto(server.url);
      await shown.page.getByTestId('development-token-form').waitFor();
      for (const scheme of ['light', 'dark'] as const) expect(await shown.findBarriersIn(scheme)).toEqual([]);
      expect(await shown.findUnreachable()).toEqual([]);
      expect(shown.complaints).toEqual([]);
    });

    it('shows a member only what members may open', async () => {
      const { page } = await open('/audit', ['member']);
      await page.getByTestId('not-admitted').waitFor();
      expect(await page.getByTestId('area').allTextContents()).toEqual(['Store']);
    });

    it('takes a pasted token, refuses other text, and signs out again', async () => {
      const { page } = await newPage();
      await page.goto(server.url);
      await page.getByTestId('token').fill('no token');
      await page.getByTestId('submit-token').click();
      await page.getByText('This is no token').waitFor();
      await page.getByTestId('token').fill(await server.tokenOf('u-auditor-1', ['auditor']));
      await page.getByTestId('submit-token').click();
      await page.getByTestId('user').filter({ hasText: 'u-auditor-1' }).waitFor();
      await page.getByTestId('sign-out').click();
      await page.getByTestId('sign-in').waitFor();
      expect(await page.getByTestId('session-ended').count()).toBe(0);
    });

    it('asks again when the token is no longer valid, and then goes on where it was', async () => {
      const shown = await open('/audit?entity_type=projects');
      const { page } = shown;
      await page.getByTestId('change-row').first().waitFor();
      // What the server refuses once a token has run out is one that it did not sign.
      await page.evaluate(() => {
        const [header, payload] = (sessionStorage.getItem('infratraq.token') ?? '').split('.');
        sessionStorage.setItem('infratraq.token', `${header}.${payload}.expired`);
      });
      await page.reload();
      await page.getByTestId('session-ended').waitFor();
      await shown.signIn(['auditor']);
      await page.getByTestId('change-row').first().waitFor();
      expect(page.url()).toMatch(/\/audit\?entity_type=projects$/);
    });
  });

  it('shows every collection in its category and counts that move', async () => {
    const shown = await openStore();
    expect((await shown.rows()).length).toBe(store.collections.length);
    expect((await shown.categories()).length).toBe(10);
    const before = await shown.documentsOf('entity_changelog');
    await server.postgres.pool.query(`update work_orders set priority = priority where work_order_id <= 20`);
    await shown.waitForDocuments('entity_changelog', before + 20);
    expect(await shown.row('entity_changelog').getByTestId('size').textContent()).not.toBe('0 B');
    expect(shown.complaints).toEqual([]);
  });

  it('lets an operator take a collection into maintenance, and shows why a transition is refused', async () => {
    const shown = await openStore();
    await shown.openDetail('search_query_log');
    expect(await shown.findBarriers()).toEqual([]);
    expect(await shown.transition('maintenance', 'a rebuild of indexes')).toBeNull();
    await shown.closeDetail();
    await shown.waitForState('search_query_log', 'maintenance');
  });

  it('shows that a dead letter was refused again, and discards it with a note', async () => {
    const shown = await open(`/dead-letters/${refusedLetter}`);
    const { page } = shown;
    const act = async (action: 'replay' | 'discard', note = '') => {
      await page.getByTestId(action).click();
      await page.getByTestId(`${action}-form`).waitFor();
      if (note !== '') await page.getByTestId('discard-note').fill(note);
      expect(await shown.findBarriers()).toEqual([]);
      await page.getByTestId(`confirm-${action}`).click();
    };
    const fact = (term: string, text: string) =>
      page.locator(`[data-testid="fact"][data-term="${term}"]`).filter({ hasText: text }).waitFor();
    await act('replay');
    await page.getByTestId('outcome').filter({ hasText: 'Refused again' }).waitFor();
    await fact('Attempts', '2');
    await fact('Reason', 'event.invalid');
    await act('discard', 'an old client');
    await page.getByTestId('outcome').filter({ hasText: 'Discarded' }).waitFor();
    await fact('Note', 'an old client');
    expect(await page.getByTestId('replay').count()).toBe(0);
    expect(shown.complaints).toEqual([]);
  });

  it('shows why a dead letter is not there', async () => {
    const { page } = await open(`/dead-letters/${'c'.repeat(24)}`);
    await page.locator('[data-testid="problem"][data-code="dead-letter.unknown"]').waitFor();
  });

  it('shows the changes that the changelog refused', async () => {
    const refuse = (validator: object) =>
      server.alterCollection('entity_changelog', { validator, validationAction: 'error' });
    await refuse({ 'new_value.name': { $ne: 'Refused' } });
    await server.postgres.pool.query(`update projects set name = 'Refused' where project_id = 2`);
    await eventually(
      () => server.mongodbDocuments('dead_letter_event', { target: 'entity_changelog' }),
      ({ length }) => length > 0,
    );
    await refuse({});
    const shown = await open('/capture');
    await shown.page.getByTestId('refused-row').filter({ hasText: 'projects' }).waitFor();
    expect(await shown.findBarriers()).toEqual([]);
  });

  it('opens the API reference without asking for anything that is not there', async () => {
    const shown = await newPage();
    await shown.page.goto(new URL('/docs', server.url).href, { waitUntil: 'networkidle' });
    await shown.page.getByText('Bearer Token').first().waitFor();
    expect(await shown.page.getAttribute('html', 'lang')).toBe('en');
    expect(shown.complaints).toEqual([]);
  });
});
