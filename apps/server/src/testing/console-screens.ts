import { replayableLetter } from './console-letters.js';
import type { ConsolePage } from './console-page.js';

/** One screen of the console, as the test in Chromium walks it. */
export interface ConsoleScreen {
  readonly path: string;
  /** The title of the browser's tab, without the product's name. */
  readonly title: string;
  /** Is there once the screen shows what it asked for. */
  readonly ready: string;
  /** Does what the screen is for without a pointer, and waits for the effect. */
  useByKeyboard(shown: ConsolePage): Promise<void>;
}

/** Every screen; a new one is one entry more. */
export const consoleScreens: readonly ConsoleScreen[] = [
  {
    path: '/',
    title: 'Store',
    ready: 'collection-row',
    async useByKeyboard({ page }) {
      await page.getByTestId('filter').focus();
      await page.keyboard.type('search query');
      await page.getByTestId('collection-row').nth(1).waitFor({ state: 'detached' });
      await page.getByTestId('open-detail').focus();
      await page.keyboard.press('Enter');
      await page.getByTestId('detail').waitFor();
      await page.keyboard.press('Escape');
      await page.getByTestId('detail').waitFor({ state: 'detached' });
    },
  },
  {
    path: '/audit',
    title: 'Audit trail',
    ready: 'change-row',
    async useByKeyboard({ page }) {
      await page.getByTestId('show-values').first().focus();
      await page.keyboard.press('Enter');
      await page.getByTestId('values').waitFor();
      await page.getByTestId('filter-entity_type').focus();
      await page.keyboard.type('projects');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\?entity_type=projects$/);
      await page.getByRole('link', { name: 'projects 1', exact: true }).first().focus();
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/audit\/projects\/1$/);
    },
  },
  {
    path: '/audit/projects/1',
    title: 'projects 1',
    ready: 'change-row',
    async useByKeyboard({ page }) {
      const now = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000);
      await page.getByTestId('filter-at').fill(now.toISOString().slice(0, 19));
      await page.keyboard.press('Enter');
      await page.locator('[data-testid="column"][data-column="name"]').waitFor();
    },
  },
  {
    path: '/requests',
    title: 'Requests',
    ready: 'request-row',
    async useByKeyboard({ page }) {
      await page.getByTestId('filter-status_class').focus();
      await page.keyboard.type('2xx');
      await page.getByTestId('apply').focus();
      await page.keyboard.press('Enter');
      await page.waitForURL(/\?status_class=2$/);
      await page.getByTestId('request-row').first().waitFor();
    },
  },
  {
    path: '/capture',
    title: 'Change capture',
    ready: 'table-row',
    async useByKeyboard({ page }) {
      await page.locator('[data-testid="capture-status"][data-active="true"]').waitFor();
      await page.getByTestId('coverage-counts').filter({ hasText: '0 broken' }).waitFor();
      await page.locator('[data-testid="consumer-row"][data-consumer="search-index"]').waitFor();
      await page.getByTestId('filter-state').focus();
      await page.keyboard.type('excluded');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\?state=excluded$/);
      await page
        .locator('[data-testid="table-row"][data-state="captured"]')
        .first()
        .waitFor({ state: 'detached' });
    },
  },
  {
    path: '/dead-letters',
    title: 'Dead letters',
    ready: 'letter-row',
    async useByKeyboard({ page }) {
      await page.getByTestId('filter-target').focus();
      await page.keyboard.type('user_activity_event');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\?target=user_activity_event$/);
      await page.locator(`[data-letter="${replayableLetter}"]`).getByRole('link').focus();
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/dead-letters\/a+$/);
      await page.getByTestId('payload').filter({ hasText: 'page:viewed' }).waitFor();
    },
  },
  {
    path: `/dead-letters/${replayableLetter}`,
    title: `Dead letter ${replayableLetter}`,
    ready: 'dead-letter',
    async useByKeyboard({ page }) {
      await page.getByTestId('replay').focus();
      await page.keyboard.press('Enter');
      await page.getByTestId('replay-form').waitFor();
      await page.keyboard.press('Escape');
      await page.getByTestId('replay-form').waitFor({ state: 'detached' });
      await page.locator('[data-testid="replay"]:focus').waitFor();
      await page.keyboard.press('Enter');
      await page.getByTestId('confirm-replay').focus();
      await page.keyboard.press('Enter');
      await page.getByTestId('outcome').filter({ hasText: 'Replayed' }).waitFor();
      await page.locator('[data-testid="dead-letter"][data-state="replayed"]').waitFor();
    },
  },
];
