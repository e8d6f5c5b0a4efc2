import type { Locator, Page } from 'playwright-core';

/** One row of the collections as the console shows it. */
export interface ShownCollection {
  readonly category: string;
  readonly name: string;
  readonly state: string;
  readonly documents: number;
}

/** The console as a test drives it; finds everything by stable `data-testid` attributes. */
export class ConsolePage {
  constructor(readonly page: Page) {}

  /** Opens the console at the server's address and waits until the collections are there. */
  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.getByTestId('collection-row').first().waitFor();
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
