import type Axe from 'axe-core';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Locator, Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** One row of the collections as the console shows it. */
export interface ShownCollection {
  readonly category: string;
  readonly name: string;
  readonly state: string;
  readonly documents: number;
}

/** The console as a test drives it; finds everything by stable `data-testid` attributes. */
export class ConsolePage {
  /** Errors in the browser's console, and requests that failed. */
  readonly complaints: string[] = [];

  constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()));
    page.on('response', (response) => {
      if (response.status() >= 400) this.complaints.push(`${response.status()} ${response.url()}`);
    });
    page.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText;
      // Leaving a page aborts what it still asks for.
      if (reason !== 'net::ERR_ABORTED') this.complaints.push(`${reason} ${request.url()}`);
    });
  }

  /** Opens an address of the console, and signs in with a development token. */
  async open(url: string, roles: readonly string[] = ['operator']): Promise<void> {
    await this.page.goto(url);
    await this.signIn(roles);
  }

  /** Signs in with a development token, on the page that asks for it. */
  async signIn(roles: readonly string[]): Promise<void> {
    await this.page.getByTestId('development-token-form').waitFor();
    await this.page.getByTestId('user').fill('u-operator-1');
    for (const role of ['member', 'operator', 'auditor', 'admin'])
      await this.page.getByTestId(`role-${role}`).setChecked(roles.includes(role));
    await this.page.getByTestId('submit-user').click();
    await this.page.getByTestId('user').filter({ hasText: 'u-operator-1' }).waitFor();
  }

  /** What axe finds wrong with the page as it is, one line per finding. */
  async findBarriers(): Promise<string[]> {
    // Colours of what fades in are not those that it will have.
    await this.page.evaluate(`new Promise(requestAnimationFrame).then(() =>
      Promise.allSettled(
        document.getAnimations()
          .filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity)
          .map(({ finished }) => finished),
      )).then(() => undefined)`);
    await this.page.evaluate(axe);
    return this.page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { axe: typeof Axe }).axe.run();
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, any }) => `${id}: ${html.slice(0, 200)} ${any[0]?.message ?? ''}`),
      );
    });
  }

  /** What axe finds when the system prefers light or dark. */
  async findBarriersIn(colorScheme: 'light' | 'dark'): Promise<string[]> {
    await this.page.emulateMedia({ colorScheme });
    await this.page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
    return this.findBarriers();
  }

  /** Walks the page with the Tab key, and answers the controls that it does not reach. */
  async findUnreachable(): Promise<string[]> {
    const controls = await this.page
      .locator('a[href], button, input, select, [tabindex="0"]')
      .evaluateAll((candidates) => {
        const reachable = candidates.filter(
          (control) => control.tabIndex >= 0 && !control.matches(':disabled') && control.checkVisibility(),
        );
        for (const control of reachable) control.setAttribute('data-unreached', '');
        return reachable.length;
      });
    const unreached = this.page.locator('[data-unreached]');
    // An input of a date has a stop for each of its parts.
    for (let press = 0; press < controls + 100 && (await unreached.count()) > 0; press += 1) {
      await this.page.keyboard.press('Tab');
      await this.page
        .locator('[data-unreached]:focus')
        .evaluateAll((focused) => focused.forEach((control) => control.removeAttribute('data-unreached')));
    }
    return unreached.evaluateAll((controls) => controls.map((control) => control.outerHTML.slice(0, 200)));
  }

  /** The categories' names in the order shown. */
  async categories(): Promise<string[]> {
    return this.page
      .getByTestId('category')
      .evaluateAll((bodies) => bodies.map((body) => body.getAttribute('data-category') ?? ''));
  }

  /** Every row shown, read at one instant. */
  async rows(): Promise<ShownCollection[]> {
    return this.page.getByTestId('collection-row').evaluateAll((rows) =>
      rows.map((row) => ({
        category: row.closest('[data-category]')?.getAttribute('data-category') ?? '',
        name: row.getAttribute('data-collection') ?? '',
        state: row.querySelector('[data-state]')?.getAttribute('data-state') ?? '',
        documents: Number(row.querySelector('[data-documents]')?.getAttribute('data-documents')),
      })),
    );
  }

  /** One collection's row. */
  row(name: string): Locator {
    return this.page.locator(`[data-testid="collection-row"][data-collection="${name}"]`);
  }

  /** The number of documents shown for a collection. */
  async documentsOf(name: string): Promise<number> {
    return Number(await this.row(name).getByTestId('documents').getAttribute('data-documents'));
  }

  /** Waits until a collection shows at least so many documents. */
  async waitForDocuments(name: string, atLeast: number): Promise<void> {
    const cell = await this.row(name).getByTestId('documents').elementHandle();
    await this.page.waitForFunction(
      ({ shown, wanted }) => Number(shown?.getAttribute('data-documents')) >= wanted,
      { shown: cell, wanted: atLeast },
    );
  }

  /** The state shown for a collection, as the API names it. */
  async stateOf(name: string): Promise<string | null> {
    return this.row(name).getByTestId('state').getAttribute('data-state');
  }

  /** Waits until a collection's row shows a state. */
  async waitForState(name: string, state: string): Promise<void> {
    await this.row(name).locator(`[data-state="${state}"]`).waitFor();
  }

  /** Events per second as the header shows them; null until two polls have been made. */
  async eventsPerSecond(): Promise<number | null> {
    const shown = await this.page.getByTestId('event-rate').getAttribute('data-per-second');
    return shown ? Number(shown) : null;
  }

  /** Types into the filter box; an empty text shows all again. */
  async filter(text: string): Promise<void> {
    await this.page.getByTestId('filter').fill(text);
  }

  /** Opens a collection's detail, and answers its panel. */
  async openDetail(name: string): Promise<Locator> {
    await this.row(name).getByTestId('open-detail').click();
    const panel = this.page.locator(`[data-testid="detail"][data-collection="${name}"]`);
    await panel.waitFor();
    return panel;
  }

  /** Closes the open detail by the keyboard, and waits until it is gone. */
  async closeDetail(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.page.getByTestId('detail').waitFor({ state: 'detached' });
  }

  /**
   * Fills in and sends the transition form of the open detail, and waits for the outcome:
   * null when the detail shows the new state, the problem's code when the server refused.
   */
  async transition(to: string, reason: string): Promise<string | null> {
    await this.page.getByTestId('transition-to').selectOption(to);
    await this.page.getByTestId('transition-reason').fill(reason);
    const [answer] = await Promise.all([
      this.page.waitForResponse((response) => response.url().endsWith('/transitions')),
      this.page.getByTestId('transition-submit').click(),
    ]);
    if (answer.ok()) {
      await this.page.locator(`[data-testid="detail"][data-current="${to}"]`).waitFor();
      return null;
    }
    return this.page.getByTestId('problem').getAttribute('data-code');
  }
}
