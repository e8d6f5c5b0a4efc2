/** How a page was filled the last time. */
export interface FilledPage {
  /** Where its first document lay, on the line. */
  readonly edge: number;
  /** How far its last document lay from there. */
  readonly width: number;
}

const rememberedPages = 1_000;

/** Remembers which window a read paid with, that there were few documents, or that windows are in vain; the longest unused are forgotten. */
export class WindowMemory {
  readonly #pages = new Map<string, FilledPage | 'few' | 'whole'>();

  find(key: string): FilledPage | 'few' | 'whole' | undefined {
    const page = this.#pages.get(key);
    if (page) this.keep(key, page);
    return page;
  }

  keep(key: string, page: FilledPage | 'few' | 'whole'): void {
    this.#pages.delete(key);
    this.#pages.set(key, page);
    if (this.#pages.size > rememberedPages) this.forget(this.#pages.keys().next().value as string);
  }

  forget(key: string): void {
    this.#pages.delete(key);
  }
}
